#include <fmt/format.h>

#include <algorithm>

#include "config/base/words.h"
#include "config/yaml/names.h"
#include "engine/settings/sections.h"

namespace rekindle {
namespace {

// Walks the segments depth first; `way` holds the names on the way down.
class CycleFinder {
 public:
  explicit CycleFinder(const std::vector<Segment>& segments)
      : segments_(segments), visited_(segments.size(), false) {}

  // The ways round that are met from here, each starting and ending with the
  // same segment.
  void Visit(size_t index, std::vector<std::vector<size_t>>* cycles) {
    const auto begins = std::find(way_.begin(), way_.end(), index);
    if (begins != way_.end()) {
      cycles->emplace_back(begins, way_.end());
      cycles->back().push_back(index);
      return;
    }
    if (visited_[index] || !segments_[index].condition) return;
    visited_[index] = true;
    way_.push_back(index);
    ConditionUses uses;
    segments_[index].condition->Collect(&uses);
    for (size_t next : uses.segments) Visit(next, cycles);
    way_.pop_back();
  }

 private:
  const std::vector<Segment>& segments_;
  std::vector<bool> visited_;
  std::vector<size_t> way_;
};

}  // namespace

SegmentParser::SegmentParser(const std::vector<yaml::Node>& nodes,
                             yaml::Diagnostics& d,
                             std::vector<Segment>* segments)
    : d_(d), segments_(segments) {
  NameBook names("segment");
  for (const yaml::Node& node : nodes) {
    for (const auto& entry : EntriesOf(node, d, "segments")) {
      if (!names.Add(entry.first, d)) continue;
      entries_.push_back(entry);
      segments->push_back({entry.first.text(), nullptr});
    }
  }
}

void SegmentParser::ParseConditions(const Vocabulary& vocabulary) {
  for (size_t i = 0; i < entries_.size(); ++i) {
    Segment& segment = (*segments_)[i];
    segment.condition =
        ParseCondition(entries_[i].second, vocabulary, d_,
                       fmt::format("segment \"{}\"", segment.name));
  }
  ReportCycles();
}

void SegmentParser::ReportCycles() const {
  CycleFinder finder(*segments_);
  std::vector<std::vector<size_t>> cycles;
  for (size_t i = 0; i < segments_->size(); ++i) finder.Visit(i, &cycles);
  for (const std::vector<size_t>& cycle : cycles) {
    std::vector<std::string> names;
    for (size_t index : cycle) names.push_back((*segments_)[index].name);
    d_.Error(entries_[cycle.front()].first.position(),
             "segment cycle: " + Join(names, " -> "));
  }
}

}  // namespace rekindle
