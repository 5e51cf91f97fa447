#include "engine/journal/id_merge.h"

#include <algorithm>
#include <memory>
#include <queue>

namespace rekindle {
namespace {

constexpr size_t kRunsOfALevel = 8;
constexpr int64_t kLargestRun = 64'000'000;
constexpr size_t kIdsInStep = 8192;

// What is left of a source that is merged.
struct MergeHead {
  std::span<const IdHash> ids;
  IdRunReader* more;  // nullptr: these are all

  bool Advance() {
    ids = ids.subspan(1);
    if (ids.empty() && more != nullptr) ids = more->NextPage();
    return !ids.empty();
  }
};
struct LaterFirst {
  bool operator()(const MergeHead& a, const MergeHead& b) const {
    return a.ids.front() > b.ids.front();
  }
};

}  // namespace

std::pair<std::vector<IdRun>, int> RunsToMerge(std::vector<IdRun> runs,
                                               int64_t ids) {
  std::vector<IdRun> merged;
  for (int level = 0;; ++level) {
    size_t count = 0;
    int64_t sum = ids;
    while (count < runs.size() &&
           runs[runs.size() - 1 - count].level == level) {
      sum += runs[runs.size() - 1 - count++].ids;
    }
    if (count + 1 < kRunsOfALevel || sum > kLargestRun) return {merged, level};
    merged.insert(merged.end(), runs.end() - static_cast<ptrdiff_t>(count),
                  runs.end());
    runs.resize(runs.size() - count);
    ids = sum;
  }
}

IdRun WriteMerged(const IdRunDirectory& directory, int64_t number,
                  std::span<const IdHash> ids, std::span<const IdRun> merged,
                  const std::function<void()>& step) {
  std::vector<std::unique_ptr<IdRunReader>> readers;
  std::priority_queue<MergeHead, std::vector<MergeHead>, LaterFirst> heads;
  if (!ids.empty()) heads.push({ids, nullptr});
  for (const IdRun& run : merged) {
    readers.push_back(std::make_unique<IdRunReader>(directory, run));
    const auto first = readers.back()->NextPage();
    if (!first.empty()) heads.push({first, readers.back().get()});
  }
  IdRunWriter writer(directory, number);
  size_t written = 0;
  while (!heads.empty()) {
    MergeHead head = heads.top();
    heads.pop();
    // Until another source has the next id.
    do {
      writer.Add(head.ids.front());
      if (++written % kIdsInStep == 0) step();
      if (!head.Advance()) break;
    } while (heads.empty() || head.ids.front() < heads.top().ids.front());
    if (!head.ids.empty()) heads.push(head);
  }
  return writer.Finish();
}

}  // namespace rekindle
