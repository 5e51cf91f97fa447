#include "engine/audience/set_plan.h"

#include <algorithm>
#include <utility>

#include "config/base/vector_code.h"

namespace rekindle {
namespace {

// One block's words at a time.
REKINDLE_VECTOR_CODE void AndWords(const uint64_t* a, const uint64_t* b,
                                   uint64_t* __restrict out) {
  for (uint32_t w = 0; w < kBlockWords; ++w) out[w] = a[w] & b[w];
}

REKINDLE_VECTOR_CODE void OrWords(const uint64_t* a, const uint64_t* b,
                                  uint64_t* __restrict out) {
  for (uint32_t w = 0; w < kBlockWords; ++w) out[w] = a[w] | b[w];
}

REKINDLE_VECTOR_CODE void MinusWords(const uint64_t* a, const uint64_t* b,
                                     uint64_t* __restrict out) {
  for (uint32_t w = 0; w < kBlockWords; ++w) out[w] = a[w] & ~b[w];
}

}  // namespace

SetPlan::Term SetPlan::Given(const uint64_t* words, uint32_t universe) {
  const auto [found, added] =
      given_.try_emplace({words, universe}, static_cast<Term>(steps_.size()));
  if (added) {
    steps_.push_back({Kind::kGiven, static_cast<Term>(sources_.size())});
    sources_.push_back({words, UserSet::WordsFor(universe)});
  }
  return found->second;
}

SetPlan::Term SetPlan::Scanned(const std::string& name, Scan scan) {
  const auto [found, added] =
      scanned_.try_emplace(name, static_cast<Term>(steps_.size()));
  if (added) {
    steps_.push_back({Kind::kScanned, static_cast<Term>(scans_.size())});
    scans_.push_back(std::move(scan));
  }
  return found->second;
}

SetPlan::Term SetPlan::Answer(size_t place) {
  return AddOnce(Kind::kAnswer, static_cast<Term>(place), 0);
}

SetPlan::Term SetPlan::Add(Kind kind, Term a, Term b) {
  if (a == b && kind != Kind::kMinus) return a;
  if (kind == Kind::kOr && a == nobody_) return b;
  if (kind != Kind::kAnd && b == nobody_) return a;
  if (kind == Kind::kAnd && (a == nobody_ || b == nobody_)) return nobody_;
  if (kind != Kind::kMinus && b < a) std::swap(a, b);
  return AddOnce(kind, a, b);
}

SetPlan::Term SetPlan::AddOnce(Kind kind, Term a, Term b) {
  // No plan has a step for each number of 30 bits.
  const uint64_t key =
      static_cast<uint64_t>(kind) << 60 | static_cast<uint64_t>(a) << 30 | b;
  const auto [found, added] =
      known_.try_emplace(key, static_cast<Term>(steps_.size()));
  if (added) steps_.push_back({kind, a, b});
  return found->second;
}

void SetPlan::Write(Term term, uint64_t* words) {
  Step& step = steps_[term];
  if (step.result == nullptr) {
    step.result = words;
  } else {
    copies_.emplace_back(term, words);
  }
}

// A term's slot is free again after the last step that reads it: what is in use
// stays near, however many terms there are.
void SetPlan::Finish() {
  constexpr auto kNever = static_cast<Term>(-1);
  const auto reads = [](const Step& step) {
    return step.kind == Kind::kAnd || step.kind == Kind::kOr ||
           step.kind == Kind::kMinus;
  };
  std::vector<Term> last_read(steps_.size(), 0);
  for (Term i = 0; i < steps_.size(); ++i) {
    if (reads(steps_[i])) last_read[steps_[i].a] = last_read[steps_[i].b] = i;
  }
  for (const auto& [term, words] : copies_) last_read[term] = kNever;
  std::vector<Term> free;
  slots_ = 0;
  for (Term i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    if (free.empty()) free.push_back(slots_++);
    step.slot = free.back();
    free.pop_back();
    if (last_read[i] == 0) free.push_back(step.slot);
    if (!reads(step)) continue;
    if (last_read[step.a] == i) free.push_back(steps_[step.a].slot);
    if (last_read[step.b] == i && step.b != step.a) {
      free.push_back(steps_[step.b].slot);
    }
  }
}

void SetPlan::Run(uint32_t block, Bench& bench) const {
  bench.made.resize(std::max<size_t>(bench.made.size(), slots_));
  bench.at.resize(steps_.size());
  const size_t first = size_t{block} * kBlockWords;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const Step& step = steps_[i];
    uint64_t* made = bench.made[step.slot].data();
    bench.at[i] = made;
    switch (step.kind) {
      case Kind::kGiven: {
        const auto& [words, size] = sources_[step.a];
        if (first + kBlockWords <= size) {
          bench.at[i] = words + first;
          break;
        }
        const size_t begin = std::min(first, size);
        std::fill(std::copy(words + begin, words + size, made),
                  made + kBlockWords, uint64_t{0});
        break;
      }
      case Kind::kScanned:
        bench.made[step.slot].fill(0);
        scans_[step.a](block, bench.made[step.slot]);
        break;
      case Kind::kAnswer:
        bench.at[i] = bench.answers[step.a].data();
        break;
      case Kind::kAnd:
        AndWords(bench.at[step.a], bench.at[step.b], made);
        break;
      case Kind::kOr:
        OrWords(bench.at[step.a], bench.at[step.b], made);
        break;
      case Kind::kMinus:
        MinusWords(bench.at[step.a], bench.at[step.b], made);
        break;
    }
    if (step.result != nullptr) {
      std::copy_n(bench.at[i], kBlockWords, step.result + first);
    }
  }
  for (const auto& [term, words] : copies_) {
    std::copy_n(bench.at[term], kBlockWords, words + first);
  }
}

}  // namespace rekindle
