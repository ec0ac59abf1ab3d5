#include "threads.h"

#include <cfenv>
#include <condition_variable>
#include <cstdlib>
#include <mutex>
#include <thread>

namespace {

class Pool {
 public:
  void run(int count, const std::function<void(int)>& task) {
    // Two workers of Node may be here at once.
    std::lock_guard<std::mutex> turn(turn_);
    std::unique_lock<std::mutex> lock(mutex_);
    while (started_ < thread_count() - 1 && started_ < count - 1) {
      // A thread that does not start leaves more to do for the others.
      try {
        std::thread([this] { work(); }).detach();
      } catch (const std::system_error&) {
        break;
      }
      started_++;
    }
    task_ = &task;
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
      const auto& task = *task_;
      lock.unlock();
      task(i);
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
  const std::function<void(int)>* task_ = nullptr;
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

void run_parallel(int count, const std::function<void(int)>& task) {
  if (count == 1) {
    task(0);
    return;
  }
  // Never destroyed: its threads wait until the process ends.
  static Pool* pool = new Pool;
  pool->run(count, task);
}
