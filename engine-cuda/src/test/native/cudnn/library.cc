// cuDNN's versions.
#include "../driver/standin.h"

STANDIN_CALL std::size_t cudnnGetVersion() { return 90501; }
STANDIN_CALL std::size_t cudnnGetCudartVersion() { return 12060; }
