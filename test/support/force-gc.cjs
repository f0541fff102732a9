// Preloaded into a recorder under `--expose-gc`: collects garbage all the time, so that whatever C still
// uses and JavaScript no longer holds would be gone.
setInterval(() => globalThis.gc(), 50).unref();
