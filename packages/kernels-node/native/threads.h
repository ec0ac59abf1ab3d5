// Threads that wait for work: as many as TensorFlow takes for one op.
#pragma once
#include <functional>

int thread_count();

// Runs task(0) to task(count − 1), each on a thread of its own as far as there are so many, and returns when all are
// done. What a task throws is lost: none may.
void run_parallel(int count, const std::function<void(int)>& task);
