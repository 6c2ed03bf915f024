/* Handles: modules, functions, streams, events and graphs, each known until it is dropped, or its context destroyed. */
#include "stand-in.h"
#include <stdlib.h>

Context contexts[2] = { { .device = 0 }, { .device = 1 } };
long live[KINDS], abandoned;
static Object* objects;
static _Thread_local Context* current;

Context* current_context(void) { return current; }
void set_current(Context* context) { current = context; }

void* make(Kind kind, size_t size, void (*end)(Object*)) {
  Object* object = calloc(1, size);
  object->kind = kind;
  object->end = end;
  object->context = current;
  object->next = objects;
  objects = object;
  live[kind]++;
  return object;
}

void* find(const void* handle, Kind kind) {
  for (Object* one = objects; one; one = one->next)
    if (one == handle) return one->kind == kind && one->context == current ? one : 0;
  return 0;
}

/* Of an object that is out of the list already. */
static void end_object(Object* object) {
  live[object->kind]--;
  if (object->end) object->end(object);
  free(object);
}

void drop(void* object) {
  for (Object** at = &objects; *at; at = &(*at)->next)
    if (*at == object) {
      *at = (*at)->next;
      end_object(object);
      return;
    }
}

/* A context that nobody retains any more takes all with it that is left. Functions go with their modules, and are no leak. */
void abandon(Context* context) {
  for (Object** at = &objects; *at;) {
    Object* one = *at;
    if (one->context != context) { at = &one->next; continue; }
    *at = one->next;
    if (one->kind != FUNCTION) abandoned++;
    end_object(one);
  }
  for (Allocation* one = allocations; one;) {
    Allocation* next = one->next;
    if (one->context == context) { abandoned++; release(one); }
    one = next;
  }
  forget_default_stream(context);
  context->sticky = 0;
}
