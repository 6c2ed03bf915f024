/* What tests tell the stand-in, and ask of it: failures to come, memory to be had, what is left. */
#include "stand-in.h"
#include <string.h>

#define AS_TEXT(name) #name,
static const char* const names[] = { ENTRY_POINTS(AS_TEXT) };
static uint64_t calls[ENTRIES];
static struct { int at, code; } failures[ENTRIES];
static const char* misuse;
int was_told;
double now;
int started, device_count = 1;
extern int newest_ptx;

static int entry_of(const char* name) {
  for (int k = 0; k < ENTRIES; k++) if (!strcmp(names[k], name)) return k;
  return -1;
}

/* Codes that a context does not survive. */
static int lasts(int code) {
  return code == 214 || code == 220 || code == 226 || code == 721 || code == 810 || (code >= 700 && code <= 719 && code != 701 && code != 704 && code != 705 && code != 708);
}

int enter(int entry, int needs) {
  Context* context = current_context();
  calls[entry]++;
  was_told = 0;
  if (failures[entry].at > 0 && --failures[entry].at == 0) {
    was_told = 1;
    if (lasts(failures[entry].code) && context) context->sticky = failures[entry].code;
    return failures[entry].code;
  }
  if (needs >= STARTED && !started) return NOT_INITIALIZED;
  if (needs >= CURRENT && (!context || !context->retains)) return INVALID_CONTEXT;
  if (needs >= CURRENT && context->sticky) return context->sticky;
  return SUCCESS;
}

void note_misuse(const char* what) { if (!misuse) misuse = what; }

/* The call after `after` others of this entry point fails; with code 0, none. Answers whether there is such an entry point. */
API int stand_in_fail(const char* name, int after, int code) {
  const int entry = entry_of(name);
  if (entry < 0) return 0;
  failures[entry].at = code ? after + 1 : 0;
  failures[entry].code = code;
  return 1;
}
API uint64_t stand_in_calls(const char* name) { const int entry = entry_of(name); return entry < 0 ? 0 : calls[entry]; }
API uint64_t stand_in_all_calls(void) { uint64_t sum = 0; for (int k = 0; k < ENTRIES; k++) sum += calls[k]; return sum; }
API const char* stand_in_misuse(void) { return misuse; }
API void stand_in_limit(uint64_t bytes) { memory_limit = bytes; }
API void stand_in_devices(int count) { device_count = count; }
API void stand_in_newest_ptx(int version) { newest_ptx = version; }

API void stand_in_counts(uint64_t* out) {
  const uint64_t counts[] = {
    live_bytes, peak_bytes, live_allocations, pinned_bytes, contexts[0].retains + contexts[1].retains, live[MODULE],
    live[STREAM], live[EVENT], live[GRAPH], live[EXEC], abandoned, pending_work(0)
  };
  memcpy(out, counts, sizeof counts);
}

/* As after loading; images stay known. */
API void stand_in_reset(void) {
  for (int k = 0; k < 2; k++) { contexts[k].retains = 0; abandon(&contexts[k]); }
  set_current(0);
  memset(calls, 0, sizeof calls);
  memset(failures, 0, sizeof failures);
  misuse = 0; abandoned = 0; peak_bytes = 0; memory_limit = (uint64_t)1 << 30; started = 0; device_count = 1; now = 0;
  newest_ptx = 90;
}
