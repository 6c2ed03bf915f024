/* Work in order: queues that are emptied when something waits for them, and events between them. */
#include "stand-in.h"
#include <stdlib.h>
#include <string.h>

typedef struct { Object object; Mark* mark; int untimed, captured; } Event;

static void end_mark(Mark* mark) { if (mark && --mark->uses == 0) free(mark); }

Op* new_op(Type type, const void* held, size_t held_bytes) {
  Op* op = calloc(1, sizeof *op);
  op->type = type;
  op->held_bytes = held_bytes;
  if (held) op->held = memcpy(malloc(held_bytes ? held_bytes : 1), held, held_bytes);
  return op;
}
static void end_op(Op* op) { end_mark(op->mark); free(op->held); free(op); }
void end_ops(Op* op) { while (op) { Op* next = op->next; end_op(op); op = next; } }
Op* copy_of(const Op* op) {
  Op* copy = new_op(op->type, op->held, op->held_bytes);
  void* held = copy->held;
  *copy = *op;
  copy->held = held;
  copy->next = 0;
  return copy;
}

Stream* stream_of(void* handle) {
  Context* context = current_context();
  if (handle) return find(handle, STREAM);
  if (!context->legacy) { context->legacy = calloc(1, sizeof *context->legacy); context->legacy->object.context = context; }
  return context->legacy;
}

void submit(Stream* stream, Op* op) {
  Op** first = stream->capturing ? &stream->captured : &stream->first;
  Op** last = stream->capturing ? &stream->captured_last : &stream->last;
  if (*first) (*last)->next = op;
  else *first = op;
  *last = op;
}

static int execute(Op* op) {
  Allocation* one;
  switch (op->type) {
    case COPY_IN:
      if (!allocation_at(op->to, op->bytes, 0)) return ILLEGAL_ADDRESS;
      memcpy((void*)op->to, op->held ? op->held : (void*)op->from, op->bytes);
      return SUCCESS;
    case COPY_OUT:
    case COPY:
      if (!allocation_at(op->from, op->bytes, 0)) return ILLEGAL_ADDRESS;
      memcpy((void*)op->to, (void*)op->from, op->bytes);
      return SUCCESS;
    case FILL8:
      if (!allocation_at(op->to, op->bytes, 0)) return ILLEGAL_ADDRESS;
      memset((void*)op->to, op->value, op->bytes);
      return SUCCESS;
    case FILL32:
      if (!allocation_at(op->to, op->bytes, 0)) return ILLEGAL_ADDRESS;
      for (size_t k = 0; k < op->bytes / 4; k++) ((uint32_t*)op->to)[k] = op->value;
      return SUCCESS;
    case FREE:
      one = allocation_at(op->to, 1, 0);
      if (one) release(one);
      return SUCCESS;
    case LAUNCH:
      now += 0.5;
      return run_launch(op);
    case RECORD:
      op->mark->done = 1;
      op->mark->at = now;
      return SUCCESS;
    case WAIT:
      return op->mark->done ? SUCCESS : run_stream(op->mark->stream, op->mark);
  }
  return INVALID_VALUE;
}

/* Carries out the first piece of a stream's work; what fails loses the context. */
static void step(Stream* stream) {
  Context* context = stream->object.context;
  Op* op = stream->first;
  stream->first = op->next;
  const int status = execute(op);
  end_op(op);
  if (status && !context->sticky) context->sticky = status;
}

/* All of a stream's work, or up to a mark. */
int run_stream(Stream* stream, const Mark* until) {
  const Context* context = stream->object.context;
  while (stream->first && !context->sticky && !(until && until->done)) step(stream);
  return context->sticky;
}

/* Streams are few: a list of their own, beside that of all objects. */
enum { MOST_STREAMS = 1024 };
static Stream* streams[MOST_STREAMS];
static int stream_count;

/* Every stream of a context, the default one first. */
static Stream* next_stream(Context* context, Stream* after) {
  int k = -1;
  if (!after && context->legacy) return context->legacy;
  if (after && after != context->legacy) for (k = 0; k < stream_count && streams[k] != after;) k++;
  for (k++; k < stream_count; k++) if (streams[k]->object.context == context) return streams[k];
  return 0;
}

int run_all(Context* context) {
  for (Stream* one = next_stream(context, 0); one; one = next_stream(context, one)) run_stream(one, 0);
  return context->sticky;
}

long pending_work(const void* module) {
  long pending = 0;
  for (int c = 0; c < 2; c++)
    for (Stream* one = next_stream(&contexts[c], 0); one; one = next_stream(&contexts[c], one))
      for (const Op* op = one->first; op; op = op->next) pending += !module || op->module == module;
  return pending;
}

int spoils_capture(void) {
  int spoilt = 0;
  for (int k = 0; k < stream_count; k++)
    if (streams[k]->capturing && !streams[k]->relaxed) spoilt = streams[k]->invalid = 1;
  return spoilt;
}

void forget_default_stream(Context* context) {
  if (!context->legacy) return;
  end_ops(context->legacy->first);
  free(context->legacy);
  context->legacy = 0;
}
static void end_stream(Object* object) {
  Stream* stream = (Stream*)object;
  end_ops(stream->first);
  end_ops(stream->captured);
  for (int k = 0; k < stream_count; k++) if (streams[k] == stream) { streams[k] = streams[--stream_count]; return; }
}

API int cuStreamCreate(Stream** out, unsigned flags) {
  ENTER(cuStreamCreate, CURRENT);
  if (flags > 1 || stream_count == MOST_STREAMS) return INVALID_VALUE;
  *out = streams[stream_count++] = make(STREAM, sizeof(Stream), end_stream);
  return SUCCESS;
}
API int cuStreamDestroy_v2(void* handle) {
  GIVE_BACK(cuStreamDestroy_v2, CURRENT);
  Stream* stream = find(handle, STREAM);
  if (!stream) return INVALID_HANDLE;
  const int status = run_stream(stream, 0);
  drop(stream);
  return told ? told : status;
}
API int cuStreamSynchronize(void* handle) {
  ENTER(cuStreamSynchronize, CURRENT);
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capturing) { stream->invalid = 1; return CAPTURE_UNSUPPORTED; }
  return run_stream(stream, 0);
}
/* Whoever asks again and again gets on: each question carries one piece of work out. */
API int cuStreamQuery(void* handle) {
  ENTER(cuStreamQuery, CURRENT);
  Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  if (stream->capturing) { stream->invalid = 1; return CAPTURE_UNSUPPORTED; }
  if (!stream->first) return SUCCESS;
  step(stream);
  if (stream->object.context->sticky) return stream->object.context->sticky;
  return stream->first ? NOT_READY : SUCCESS;
}

static void end_event(Object* object) { end_mark(((Event*)object)->mark); }
API int cuEventCreate(Event** out, unsigned flags) {
  ENTER(cuEventCreate, CURRENT);
  if (flags > 7) return INVALID_VALUE;
  *out = make(EVENT, sizeof(Event), end_event);
  (*out)->untimed = (flags & 2) != 0;
  return SUCCESS;
}
API int cuEventDestroy_v2(void* handle) {
  GIVE_BACK(cuEventDestroy_v2, CURRENT);
  Event* event = find(handle, EVENT);
  if (!event) return INVALID_HANDLE;
  drop(event);
  return told;
}
API int cuEventRecord(void* handle, void* stream_handle) {
  ENTER(cuEventRecord, CURRENT);
  Event* event = find(handle, EVENT);
  Stream* stream = stream_of(stream_handle);
  if (!event || !stream) return INVALID_HANDLE;
  end_mark(event->mark);
  event->mark = 0;
  event->captured = stream->capturing;
  if (stream->capturing) return SUCCESS;
  Op* op = new_op(RECORD, 0, 0);
  event->mark = op->mark = calloc(1, sizeof(Mark));
  op->mark->uses = 2;
  op->mark->stream = stream;
  submit(stream, op);
  return SUCCESS;
}
/* The wait is for the record before it, and not for later ones of the same event. */
API int cuStreamWaitEvent(void* stream_handle, void* handle, unsigned flags) {
  ENTER(cuStreamWaitEvent, CURRENT);
  Event* event = find(handle, EVENT);
  Stream* stream = stream_of(stream_handle);
  if (!event || !stream) return INVALID_HANDLE;
  if (flags > 1) return INVALID_VALUE;
  if (event->captured != stream->capturing) { if (stream->capturing) stream->invalid = 1; return CAPTURE_ISOLATION; }
  if (!event->mark) return SUCCESS;
  Op* op = new_op(WAIT, 0, 0);
  op->mark = event->mark;
  op->mark->uses++;
  submit(stream, op);
  return SUCCESS;
}
static int until_reached(void* handle, int otherwise) {
  Event* event = find(handle, EVENT);
  if (!event) return INVALID_HANDLE;
  if (event->captured) return CAPTURE_UNSUPPORTED;
  if (!event->mark || event->mark->done) return SUCCESS;
  const int status = run_stream(event->mark->stream, event->mark);
  return status ? status : otherwise;
}
API int cuEventSynchronize(void* event) { ENTER(cuEventSynchronize, CURRENT); return until_reached(event, SUCCESS); }
API int cuEventQuery(void* event) { ENTER(cuEventQuery, CURRENT); return until_reached(event, NOT_READY); }
API int cuEventElapsedTime(float* out, void* from, void* to) {
  ENTER(cuEventElapsedTime, CURRENT);
  const Event *start = find(from, EVENT), *end = find(to, EVENT);
  if (!start || !end || start->untimed || end->untimed || !start->mark || !end->mark) return INVALID_HANDLE;
  if (!start->mark->done || !end->mark->done) return NOT_READY;
  *out = (float)(end->mark->at - start->mark->at);
  return SUCCESS;
}
