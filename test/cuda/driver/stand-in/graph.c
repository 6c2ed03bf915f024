/* Captured work, and graphs of it. */
#include "stand-in.h"

typedef struct { Object object; Op* first; } Graph;

static void end_graph(Object* object) { end_ops(((Graph*)object)->first); }

API int cuStreamBeginCapture_v2(void* handle, int mode) {
  ENTER(cuStreamBeginCapture_v2, CURRENT);
  Stream* stream = find(handle, STREAM);
  if (!stream) return handle ? INVALID_HANDLE : CAPTURE_UNSUPPORTED;
  if (mode < 0 || mode > 2) return INVALID_VALUE;
  if (stream->capturing) return ILLEGAL_STATE;
  stream->capturing = 1;
  stream->relaxed = mode == 2;
  stream->invalid = 0;
  return SUCCESS;
}
API int cuStreamIsCapturing(void* handle, int* out) {
  ENTER(cuStreamIsCapturing, CURRENT);
  const Stream* stream = stream_of(handle);
  if (!stream) return INVALID_HANDLE;
  *out = !stream->capturing ? 0 : stream->invalid ? 2 : 1;
  return SUCCESS;
}
/* However it ends, the capture has ended. */
API int cuStreamEndCapture(void* handle, Graph** out) {
  GIVE_BACK(cuStreamEndCapture, CURRENT);
  Stream* stream = find(handle, STREAM);
  *out = 0;
  if (!stream) return INVALID_HANDLE;
  if (!stream->capturing) return ILLEGAL_STATE;
  Op* captured = stream->captured;
  stream->captured = 0;
  stream->capturing = 0;
  if (told || stream->invalid) { end_ops(captured); return told ? told : CAPTURE_INVALIDATED; }
  *out = make(GRAPH, sizeof(Graph), end_graph);
  (*out)->first = captured;
  return SUCCESS;
}
API int cuGraphInstantiateWithFlags(Graph** out, void* handle, uint64_t flags) {
  ENTER(cuGraphInstantiateWithFlags, CURRENT);
  const Graph* graph = find(handle, GRAPH);
  if (!graph) return INVALID_HANDLE;
  if (flags > 15) return INVALID_VALUE;
  *out = make(EXEC, sizeof(Graph), end_graph);
  Op** last = &(*out)->first;
  for (const Op* op = graph->first; op; op = op->next) { *last = copy_of(op); last = &(*last)->next; }
  return SUCCESS;
}
API int cuGraphLaunch(void* handle, void* stream_handle) {
  ENTER(cuGraphLaunch, CURRENT);
  const Graph* graph = find(handle, EXEC);
  Stream* stream = stream_of(stream_handle);
  if (!graph || !stream) return INVALID_HANDLE;
  for (const Op* op = graph->first; op; op = op->next) submit(stream, copy_of(op));
  return SUCCESS;
}
static int destroy(void* handle, Kind kind) {
  Graph* graph = find(handle, kind);
  if (!graph) return INVALID_HANDLE;
  drop(graph);
  return SUCCESS;
}
API int cuGraphExecDestroy(void* graph) {
  GIVE_BACK(cuGraphExecDestroy, CURRENT);
  if (pending_work(0)) note_misuse("an executable graph is destroyed while it may run");
  const int status = destroy(graph, EXEC);
  return told ? told : status;
}
API int cuGraphDestroy(void* graph) {
  GIVE_BACK(cuGraphDestroy, CURRENT);
  const int status = destroy(graph, GRAPH);
  return told ? told : status;
}
