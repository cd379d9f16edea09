// libnvrtc-builtins is opened and never asked.
extern "C" __attribute__((visibility("default"))) const int standinBuiltins = 1;
