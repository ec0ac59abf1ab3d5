#include "threads.h"

#include <cfenv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <new>
#include <system_error>
#include <thread>

namespace {

class Pool {
 public:
  void run(int count, const void* task, void (*run)(const void*, int)) {
    // Two workers of Node may be here at once.
    std::lock_guard<std::mutex> turn(turn_);
    std::unique_lock<std::mutex> lock(mutex_);
    while (started_ < thread_count() - 1 && started_ < count - 1) {
      // A thread that does not start leaves more to do for the others.
      try {
        std::thread([this] { work(); }).detach();
      } catch (const std::system_error&) {
        break;
      } catch (const std::bad_alloc&) {
        break;
      }
      started_++;
    }
    task_ = task;
    run_ = run;
    next_ = 0;
    count_ = count;
    left_ = count;
    wake_.notify_all();
    take(lock);
    done_.wait(lock, [this] { return left_ == 0; });
    task_ = nullptr;
  }

 private:
  void take(std::unique_lock<std::mutex>& lock) {
    while (next_ < count_) {
      const int i = next_++;
      const void* task = task_;
      const auto run = run_;
      lock.unlock();
      run(task, i);
      lock.lock();
      if (--left_ == 0) done_.notify_one();
    }
  }

  void work() {
    // Subnormals as they are, whatever the thread that started this one does with them.
    std::fesetenv(FE_DFL_ENV);
    std::unique_lock<std::mutex> lock(mutex_);
    for (;;) {
      wake_.wait(lock, [this] { return next_ < count_; });
      take(lock);
    }
  }

  std::mutex turn_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable done_;
  const void* task_ = nullptr;
  void (*run_)(const void*, int) = nullptr;
  int started_ = 0;
  int next_ = 0;
  int count_ = 0;
  int left_ = 0;
};

}  // namespace

int thread_count() {
  static const int count = [] {
    // What TensorFlow goes by for its own ops.
    const char* given = std::getenv("TF_NUM_INTRAOP_THREADS");
    const int wanted = given ? std::atoi(given) : 0;
    const int there = static_cast<int>(std::thread::hardware_concurrency());
    return wanted > 0 ? wanted : there > 0 ? there : 1;
  }();
  return count;
}

void run_tasks(int count, const void* task, void (*run)(const void*, int)) {
  if (count == 1) run(task, 0);
  if (count <= 1) return;
  // Never destroyed: its threads wait until the process ends.
  alignas(Pool) static unsigned char place[sizeof(Pool)];
  static Pool* pool = new (place) Pool;
  pool->run(count, task, run);
}
