// Threads that wait for work: as many as TensorFlow takes for one op.
#pragma once

int thread_count();

// Runs `run(task, 0)` to `run(task, count − 1)`. Allocates nothing but threads, of which fewer do.
void run_tasks(int count, const void* task, void (*run)(const void*, int));

// Runs task(0) to task(count − 1), each on a thread of its own as far as there are so many, and returns when all are
// done. A task must not throw, nor run tasks in parallel itself, unless it is the only one.
template <typename Task>
void run_parallel(int count, const Task& task) {
  run_tasks(count, &task, [](const void* given, int i) { (*static_cast<const Task*>(given))(i); });
}
