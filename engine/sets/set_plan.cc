#include "engine/sets/set_plan.h"

#include <algorithm>
#include <utility>

#include "config/base/vector_code.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rekindle {
namespace {

constexpr uint32_t kStripWords = SetPlan::kStripWords;
// So much is more than the caches hold; less is looked at soon. Of 200,000
// users, 500 sets (13 MB) were found faster past them, and some thirty slower;
// of two million, those thirty (9 MB) faster.
constexpr size_t kMoreThanCaches = size_t{4} << 20;

// As the processor can work them out at once, or in a few pieces.
using Words = uint64_t __attribute__((vector_size(64), aligned(8), may_alias));
constexpr uint32_t kStripVectors = kStripWords / 8;

#if defined(__x86_64__)

// Past the caches: reading its place first, as a plain write does, would be for
// nothing.
void StreamStrip(const uint64_t* strip, uint64_t* words) {
  if (reinterpret_cast<uintptr_t>(words) % sizeof(__m128i) != 0) {
    std::copy_n(strip, kStripWords, words);
    return;
  }
  for (uint32_t w = 0; w < kStripWords; w += 2) {
    _mm_stream_si128(
        reinterpret_cast<__m128i*>(words + w),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(strip + w)));
  }
}

// Whoever hears that the words are there finds them there.
void EndStreaming() { _mm_sfence(); }

#else

void StreamStrip(const uint64_t* strip, uint64_t* words) {
  std::copy_n(strip, kStripWords, words);
}

void EndStreaming() {}

#endif

void WriteStrip(const uint64_t* strip, bool past_caches, uint64_t* words) {
  if (past_caches) {
    StreamStrip(strip, words);
  } else {
    std::copy_n(strip, kStripWords, words);
  }
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
  ++results_;
  if (step.result == nullptr) {
    step.result = words;
  } else {
    copies_.emplace_back(term, words);
  }
}

// A term's slot is free again after the last step that reads it: what is in use
// stays near, however many terms there are.
void SetPlan::Finish(uint32_t universe) {
  const size_t set_bytes = BlocksOf(universe) * kBlockUsers / 8;
  past_caches_ = results_ * set_bytes > kMoreThanCaches;
  constexpr auto kNever = static_cast<Term>(-1);
  std::vector<Term> last_read(steps_.size(), 0);
  for (Term i = 0; i < steps_.size(); ++i) {
    if (IsInput(steps_[i])) continue;
    last_read[steps_[i].a] = last_read[steps_[i].b] = i;
  }
  for (const auto& [term, words] : copies_) last_read[term] = kNever;
  std::vector<Term> free;
  const auto release = [&](Term term) {
    if (!IsInput(steps_[term])) free.push_back(steps_[term].slot);
  };
  slots_ = input_slots_ = 0;
  for (Term i = 0; i < steps_.size(); ++i) {
    Step& step = steps_[i];
    if (IsInput(step)) {
      if (step.kind != Kind::kAnswer) step.slot = input_slots_++;
      inputs_.push_back(i);
      continue;
    }
    worked_.push_back(i);
    if (free.empty()) free.push_back(slots_++);
    step.slot = free.back();
    free.pop_back();
    if (last_read[i] == 0) release(i);
    if (last_read[step.a] == i) release(step.a);
    if (last_read[step.b] == i && step.b != step.a) release(step.b);
  }
}

const uint64_t* SetPlan::Input(const Step& step, uint32_t block,
                               Bench& bench) const {
  if (step.kind == Kind::kAnswer) return bench.answers[step.a].data();
  BlockSet& own = bench.inputs[step.slot];
  if (step.kind == Kind::kScanned) {
    own.fill(0);
    scans_[step.a](block, own);
    return own.data();
  }
  const auto& [words, size] = sources_[step.a];
  const size_t first = size_t{block} * kBlockWords;
  if (first + kBlockWords <= size) return words + first;
  const size_t begin = std::min(first, size);
  std::fill(std::copy(words + begin, words + size, own.begin()), own.end(),
            uint64_t{0});
  return own.data();
}

REKINDLE_VECTOR_CODE void SetPlan::RunStrip(const Step* steps,
                                            std::span<const Term> worked,
                                            size_t first, bool past_caches,
                                            Bench::Strip* made,
                                            const uint64_t** at) {
  for (const Term term : worked) {
    const Step& step = steps[term];
    const auto* a = reinterpret_cast<const Words*>(at[step.a]);
    const auto* b = reinterpret_cast<const Words*>(at[step.b]);
    auto* out = reinterpret_cast<Words*>(made[step.slot].data());
    switch (step.kind) {
      case Kind::kAnd:
        for (uint32_t v = 0; v < kStripVectors; ++v) out[v] = a[v] & b[v];
        break;
      case Kind::kOr:
        for (uint32_t v = 0; v < kStripVectors; ++v) out[v] = a[v] | b[v];
        break;
      default:  // kMinus
        for (uint32_t v = 0; v < kStripVectors; ++v) out[v] = a[v] & ~b[v];
        break;
    }
    at[term] = made[step.slot].data();
    if (step.result == nullptr) continue;
    WriteStrip(at[term], past_caches, step.result + first);
  }
}

void SetPlan::Run(uint32_t block, Bench& bench) const {
  bench.inputs.resize(std::max<size_t>(bench.inputs.size(), input_slots_));
  bench.made.resize(std::max<size_t>(bench.made.size(), slots_));
  bench.at.resize(steps_.size());
  for (const Term term : inputs_) {
    bench.at[term] = Input(steps_[term], block, bench);
  }
  const size_t begin = size_t{block} * kBlockWords;
  for (uint32_t strip = 0; strip < kBlockWords; strip += kStripWords) {
    RunStrip(steps_.data(), worked_, begin + strip, past_caches_,
             bench.made.data(), bench.at.data());
    for (const auto& [term, words] : copies_) {
      WriteStrip(bench.at[term], past_caches_, words + begin + strip);
    }
    for (const Term term : inputs_) {
      uint64_t* const result = steps_[term].result;
      if (result != nullptr) {
        WriteStrip(bench.at[term], past_caches_, result + begin + strip);
      }
      bench.at[term] += kStripWords;
    }
  }
  if (past_caches_) EndStreaming();
}

}  // namespace rekindle
