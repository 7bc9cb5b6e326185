/* A libcuda.so.1 for machines without NVIDIA's: that it is there is all that libmatch asks of it, and the shared
 * object of the simulated device asks nothing. */
extern __attribute__((visibility("default"))) const int libmatch_simulated_driver;
const int libmatch_simulated_driver = 1;
