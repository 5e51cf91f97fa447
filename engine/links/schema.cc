#include "engine/links/schema.h"

namespace rekindle {

// Most targets are the template's own and stand here once, however many touches
// they went out with; those made for one person go when the person is
// forgotten.
const char kLinkSchema[] = R"sql(
CREATE TABLE link_targets (
  id INTEGER PRIMARY KEY,
  url TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE touch_links (
  touch INTEGER NOT NULL,
  number INTEGER NOT NULL,  -- from 1
  target INTEGER NOT NULL,
  PRIMARY KEY (touch, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX touch_links_by_target ON touch_links (target);
)sql";

}  // namespace rekindle
