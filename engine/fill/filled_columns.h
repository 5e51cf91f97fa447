// What a fill finds, before it joins the columns.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "config/base/calendar.h"
#include "engine/columns/activity_columns.h"
#include "engine/model/event.h"

namespace rekindle {

// What was found of the users of one block.
struct FilledBlock {
  std::map<std::pair<BehaviorIndex, int32_t>, std::unique_ptr<MaskBlock>>
      masks;                         // by behavior and month
  std::unique_ptr<LastBlock> lasts;  // where activity is wanted
};

// An event that no mark can say: of another century, or dated by a day that
// its zone left out.
struct OddMark {
  BehaviorIndex behavior;
  UserNumber user;
  Moment when;
};

// Users are by number as stored: merges are not followed.
struct FilledColumns {
  std::vector<FilledBlock> blocks;  // by number
  std::vector<OddMark> odd;         // these come on top
  // One more than the largest number of any user met; 0: none.
  UserNumber users = 0;
};

}  // namespace rekindle
