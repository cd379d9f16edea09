// libcublasLt is opened because cuBLAS needs it, and never asked.
extern "C" __attribute__((visibility("default"))) const int standinCublasLt = 1;
