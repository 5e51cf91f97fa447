// Set algebra as a list of steps, worked out for a strip of users at a time:
// results between steps never leave the nearest cache, where whole bitmaps
// would go through memory at every step.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/sets/block_set.h"
#include "engine/sets/user_set.h"

namespace rekindle {

// Made by one thread; run by many, each with blocks of its own.
class SetPlan {
 public:
  // A set of users, as the number of the step that gives it. Equal steps are
  // one step.
  using Term = uint32_t;
  using Scan = std::function<void(uint32_t block, BlockSet& users)>;

  // Words of a set over `universe` users, read where they lie when a block is
  // worked out: they may be written for that block just before.
  Term Given(const uint64_t* words, uint32_t universe);
  // The users that `scan` adds to an empty block; scans of one name are the
  // same.
  Term Scanned(const std::string& name, Scan scan);
  // The set that the caller of Run has put into Bench::answers at that place.
  Term Answer(size_t place);
  Term Nobody() { return nobody_; }
  Term And(Term a, Term b) { return Add(Kind::kAnd, a, b); }
  Term Or(Term a, Term b) { return Add(Kind::kOr, a, b); }
  Term Minus(Term a, Term b) { return Add(Kind::kMinus, a, b); }

  // Has the term's users written to `words`, which have room for whole blocks.
  void Write(Term term, uint64_t* words);

  // Words of a block that are worked out together: two cache lines of each set
  // in use, so that a few hundred sets stay in the first-level cache.
  static constexpr uint32_t kStripWords = 16;

  // Where one thread's steps put their results.
  class Bench {
   public:
    std::vector<BlockSet> answers;  // of the block that is worked out next

   private:
    friend class SetPlan;
    struct alignas(64) Strip : std::array<uint64_t, kStripWords> {};
    std::vector<BlockSet> inputs;     // those that are not read elsewhere
    std::vector<Strip> made;          // by slot
    std::vector<const uint64_t*> at;  // by term
  };
  // Call after the last term and before the first block; sets are over
  // `universe` users.
  void Finish(uint32_t universe);
  // Works out all terms for the block, and writes those that Write asked for.
  void Run(uint32_t block, Bench& bench) const;

 private:
  // The first three are inputs, which are filled before the first strip.
  enum class Kind : uint8_t { kGiven, kScanned, kAnswer, kAnd, kOr, kMinus };
  struct Step {
    Kind kind;
    // For kGiven and kScanned, a is the index below; for kAnswer, the place.
    Term a = 0, b = 0;
    Term slot = 0;               // among those of `made`, or of `inputs`
    uint64_t* result = nullptr;  // where the whole set is wanted
  };
  struct Source {
    const uint64_t* words;
    size_t size;
  };

  Term Add(Kind kind, Term a, Term b);
  Term AddOnce(Kind kind, Term a, Term b);
  static bool IsInput(const Step& step) { return step.kind < Kind::kAnd; }
  // The block's words of an input.
  const uint64_t* Input(const Step& step, uint32_t block, Bench& bench) const;
  // Works out the steps `worked`, in order, for one strip: into `made` by slot;
  // `at`, by term, has the inputs already. Wanted terms are written from word
  // `first` of their result on.
  static void RunStrip(const Step* steps, std::span<const Term> worked,
                       size_t first, bool past_caches, Bench::Strip* made,
                       const uint64_t** at);

  std::vector<Step> steps_;
  std::vector<Source> sources_;
  std::vector<Scan> scans_;
  std::vector<Term> inputs_;  // in order: the steps that are inputs
  std::vector<Term> worked_;  // and those that are worked out
  Term slots_ = 0, input_slots_ = 0;
  size_t results_ = 0;
  bool past_caches_ = false;                        // results are written there
  std::vector<std::pair<Term, uint64_t*>> copies_;  // of what is wanted twice
  // Steps that exist already, by kind and terms.
  std::unordered_map<uint64_t, Term> known_;
  std::map<std::pair<const uint64_t*, uint32_t>, Term> given_;
  std::map<std::string, Term> scanned_;
  const Term nobody_ = Given(nullptr, 0);
};

}  // namespace rekindle
