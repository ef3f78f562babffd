// Tells onnxruntime, before it is loaded, not to report to its maker: since 1.30 it looks up an event collector and keeps
// an id and a database in the user's cache folder. nigaoe talks to nobody who was not asked for.

process.env.ORT_DISABLE_TELEMETRY ??= '1';
