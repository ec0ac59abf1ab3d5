#include "steps.h"

#include <algorithm>
#include <exception>
#include <numeric>

#include "threads.h"

namespace {

// A silo of more than one in so many of a thread's words is worked on by all threads together, the others by one each.
constexpr int64_t SHARE = 2;

}  // namespace

void run_steps(std::vector<SiloStep>& steps) {
  const int64_t words = std::accumulate(steps.begin(), steps.end(), int64_t{0},
                                        [](int64_t sum, const SiloStep& step) { return sum + step.silo.words(); });
  const int64_t most = words / (SHARE * thread_count());
  std::vector<std::unique_ptr<Step>> all;
  std::vector<int> large, small;
  for (int i = 0; i < static_cast<int>(steps.size()); i++) {
    SiloStep& step = steps[i];
    const bool is_large = step.silo.words() > most;
    step.silo.threads = is_large ? thread_count() : 1;
    (is_large ? large : small).push_back(i);
    all.push_back(step.silo.settings.reselect ? make_selection(step.silo, step.memory, step.mask, step.seeds)
                                              : make_keeping(step.silo));
  }
  // The longest first, or the last thread would be alone with it.
  std::stable_sort(small.begin(), small.end(),
                   [&](int a, int b) { return steps[a].silo.words() > steps[b].silo.words(); });
  std::vector<std::exception_ptr> errors(small.size());
  for (const auto& step : all) step->reserve();
  for (const int i : large) all[i]->prepare();
  run_parallel(static_cast<int>(small.size()), [&](int i) {
    try {
      all[small[i]]->prepare();
    } catch (...) {
      errors[i] = std::current_exception();
    }
  });
  for (const auto& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  for (const int i : large) steps[i].outcome = all[i]->finish();
  run_parallel(static_cast<int>(small.size()), [&](int i) { steps[small[i]].outcome = all[small[i]]->finish(); });
}
