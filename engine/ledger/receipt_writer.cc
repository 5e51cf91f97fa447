#include "engine/ledger/receipt_writer.h"

#include <SQLiteCpp/VariadicBind.h>

#include <algorithm>
#include <set>
#include <utility>

#include "config/base/hmac.h"
#include "engine/consent/consent.h"

namespace rekindle {
namespace {

// What nobody ever asks about must not fill the disk: the oldest give way.
constexpr int64_t kMostKept = 100'000;

constexpr size_t kHashBytes = 8;

constexpr char kKeptColumns[] =
    "SELECT channel, touch_id, provider_id, state, recipient, code, detail, "
    "at, whole_channel, id FROM kept_receipts k ";

Receipt KeptOf(SQLite::Statement& get) {
  Receipt receipt;
  receipt.channel = get.getColumn(0).getString();
  receipt.touch_id = get.getColumn(1).getString();
  receipt.provider_id = get.getColumn(2).getString();
  receipt.state = ParseReceiptState(get.getColumn(3).getString())
                      .value_or(ReceiptState::kDeferred);
  receipt.recipient = get.getColumn(4).getString();
  receipt.code = get.getColumn(5).getString();
  receipt.detail = get.getColumn(6).getString();
  receipt.at = FromMillis(get.getColumn(7).getInt64());
  receipt.whole_channel = get.getColumn(8).getInt() != 0;
  return receipt;
}

}  // namespace

std::string AddressHash(std::string_view key, std::string_view address) {
  std::string text = "address:";
  for (const char c : address) {
    text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return ToHex(HmacSha256(key, text).substr(0, kHashBytes));
}

ReceiptWriter::ReceiptWriter(SQLite::Database& db, std::string key,
                             FindAddress find_address, Instant now)
    : db_(db),
      key_(std::move(key)),
      find_address_(std::move(find_address)),
      now_(now) {}

// An imported touch was sent by somebody else, without attempts of ours.
bool ReceiptWriter::Known::Left() const {
  if (state == TouchState::kHeldOut) return false;
  return attempts > 0 ||
         (state != TouchState::kPlanned && state != TouchState::kDropped);
}

ReceiptFate ReceiptWriter::Take(const Receipt& receipt) {
  const std::optional<Known> touch = Find(receipt);
  if (!touch) return ReceiptFate::kUnknown;
  if (!touch->Left()) return ReceiptFate::kNotSent;
  const bool news = Note(*touch, receipt);
  if (news || receipt.in_person) Follow(*touch, receipt);
  if (!news) return ReceiptFate::kRepeated;
  ApplyReceipts(touch->id);
  return ReceiptFate::kTaken;
}

std::optional<ReceiptWriter::Known> ReceiptWriter::Find(
    const Receipt& receipt) {
  std::optional<Known> touch;
  if (!receipt.touch_id.empty()) touch = FindById(receipt.touch_id);
  // One channel's secret must not speak for another's touches.
  if (touch && !WentThrough(*touch, receipt.channel)) touch.reset();
  if (touch || receipt.provider_id.empty()) return touch;
  const auto id = TouchIdOf(receipt.channel, receipt.provider_id);
  return id ? FindById(*id) : std::nullopt;
}

std::optional<ReceiptWriter::Known> ReceiptWriter::FindById(
    const std::string& touch_id) {
  SQLite::Statement& get =
      statements_.Query(db_,
                        "SELECT id, touch_id, user, channel, topic, state, "
                        "attempts FROM touches WHERE touch_id = ?");
  get.bind(1, touch_id);
  if (!get.executeStep()) return std::nullopt;
  return Known{.id = get.getColumn(0).getInt64(),
               .touch_id = get.getColumn(1).getString(),
               .user = get.getColumn(2).getUInt(),
               .channel = get.getColumn(3).getString(),
               .topic = get.getColumn(4).getString(),
               .state = ParseTouchState(get.getColumn(5).getString())
                            .value_or(TouchState::kUnknown),
               .attempts = get.getColumn(6).getInt()};
}

std::optional<std::string> ReceiptWriter::TouchIdOf(
    const std::string& channel, const std::string& provider_id) {
  SQLite::Statement& get = statements_.Query(
      db_,
      "SELECT t.touch_id FROM attempts a JOIN touches t ON t.id = a.touch "
      "WHERE a.provider_id = ?1 AND a.provider_id <> '' "
      "AND (?2 = '' OR a.channel = ?2) ORDER BY a.claimed_at DESC LIMIT 1");
  SQLite::bind(get, provider_id, channel);
  if (!get.executeStep()) return std::nullopt;
  return get.getColumn(0).getString();
}

bool ReceiptWriter::WentThrough(const Known& touch,
                                const std::string& channel) {
  if (channel.empty() || channel == touch.channel) return true;
  SQLite::Statement& get = statements_.Query(
      db_, "SELECT 1 FROM attempts WHERE touch = ? AND channel = ? LIMIT 1");
  SQLite::bind(get, touch.id, channel);
  return get.executeStep();
}

bool ReceiptWriter::Note(const Known& touch, const Receipt& receipt) {
  const std::string& channel =
      receipt.channel.empty() ? touch.channel : receipt.channel;
  const auto state = ReceiptStateName(receipt.state);
  statements_.Run(db_,
                  "INSERT INTO receipts (touch, state, at, received_at, "
                  "channel, code, detail) VALUES (?, ?, ?, ?, ?, ?, ?) "
                  "ON CONFLICT DO NOTHING",
                  touch.id, state, ToMillis(receipt.at), ToMillis(now_),
                  channel, receipt.code, receipt.detail);
  if (db_.getChanges() == 1) return true;
  // What a channel before reported is news of the one it goes through now.
  if (channel == touch.channel) {
    statements_.Run(db_,
                    "UPDATE receipts SET at = ?3, received_at = ?4, "
                    "channel = ?5, code = ?6, detail = ?7 "
                    "WHERE touch = ?1 AND state = ?2 AND channel <> ?5",
                    touch.id, state, ToMillis(receipt.at), ToMillis(now_),
                    channel, receipt.code, receipt.detail);
    if (db_.getChanges() == 1) return true;
  }
  statements_.Run(db_,
                  "UPDATE receipts SET at = ?3, code = ?4, detail = ?5 "
                  "WHERE touch = ?1 AND state = ?2 AND at > ?3",
                  touch.id, state, ToMillis(receipt.at), receipt.code,
                  receipt.detail);
  return false;
}

void ReceiptWriter::Follow(const Known& touch, const Receipt& receipt) {
  const std::string& channel =
      receipt.channel.empty() ? touch.channel : receipt.channel;
  switch (receipt.state) {
    case ReceiptState::kBounced:
      Suppress(touch, receipt);
      break;
    case ReceiptState::kComplained:
      Suppress(touch, receipt);
      Consents::Set(db_, touch.user, channel, false);
      break;
    case ReceiptState::kUnsubscribed: {
      const bool all = receipt.whole_channel || touch.topic.empty();
      Consents::Set(db_, touch.user, all ? channel : touch.topic, false);
      break;
    }
    default:
      break;
  }
}

void ReceiptWriter::Suppress(const Known& touch, const Receipt& receipt) {
  Suppression entry;
  entry.channel = receipt.channel.empty() ? touch.channel : receipt.channel;
  entry.address = AddressOf(touch, receipt);
  if (entry.address.empty()) return;
  entry.reason = receipt.state == ReceiptState::kComplained ? "complained"
                 : receipt.code.empty()                     ? "bounced"
                                        : "bounced " + receipt.code;
  entry.at = receipt.at;
  Consents::Suppress(db_, entry);
}

// What the touch went to, not what the user has by now; and not where a mailbox
// passed it on to, which is whom a bounce often names.
std::string ReceiptWriter::AddressOf(const Known& touch,
                                     const Receipt& receipt) {
  SQLite::Statement& get =
      statements_.Query(db_,
                        "SELECT coalesce(address, ''), address_hash "
                        "FROM attempts WHERE touch = ?1 "
                        "AND (?2 = '' OR channel = ?2) ORDER BY attempt DESC");
  SQLite::bind(get, touch.id, receipt.channel);
  std::vector<std::string> hashes;
  std::string address;
  while (get.executeStep()) {
    if (address.empty()) address = get.getColumn(0).getString();
    if (std::string hash = get.getColumn(1).getString(); !hash.empty()) {
      hashes.push_back(std::move(hash));
    }
  }
  const std::string named = AddressHash(key_, receipt.recipient);
  if (std::find(hashes.begin(), hashes.end(), named) != hashes.end()) {
    return receipt.recipient;
  }
  if (address.empty() && find_address_ && !hashes.empty()) {
    address = find_address_(touch.user, hashes);
  }
  return address.empty() ? receipt.recipient : address;
}

void ReceiptWriter::Keep(const Receipt& receipt) {
  statements_.Run(
      db_,
      "INSERT INTO kept_receipts (channel, touch_id, provider_id, state, "
      "recipient, code, detail, at, received_at, whole_channel) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
      receipt.channel, receipt.touch_id, receipt.provider_id,
      ReceiptStateName(receipt.state), receipt.recipient, receipt.code,
      receipt.detail, ToMillis(receipt.at), ToMillis(now_),
      int64_t{receipt.whole_channel});
  statements_.Run(db_,
                  "DELETE FROM kept_receipts WHERE id <= "
                  "(SELECT max(id) FROM kept_receipts) - ?",
                  kMostKept);
}

void ReceiptWriter::ApplyReceipts(int64_t touch) {
  // That a channel before could not deliver it says nothing of this one.
  SQLite::Statement& states = statements_.Query(
      db_,
      "SELECT r.state FROM receipts r JOIN touches t ON t.id = r.touch "
      "WHERE r.touch = ? AND (r.channel = t.channel "
      "OR r.state NOT IN ('bounced', 'undelivered'))");
  states.bind(1, touch);
  std::set<ReceiptState> known;
  while (states.executeStep()) {
    const auto state = ParseReceiptState(states.getColumn(0).getString());
    if (state) known.insert(*state);
  }
  if (known.empty()) return;
  SQLite::Statement& get =
      statements_.Query(db_, "SELECT state FROM touches WHERE id = ?");
  get.bind(1, touch);
  if (!get.executeStep()) return;
  const auto now = ParseTouchState(get.getColumn(0).getString());
  if (!now || *now == TouchState::kClaimed) return;
  const TouchState after = StateAfter(*now, known);
  // A bounce that kills the address may follow a message that was only lost.
  if (after == *now && after != TouchState::kBounced) return;
  statements_.Run(
      db_, "UPDATE touches SET state = ?2, reason = ?3 WHERE id = ?1", touch,
      TouchStateName(after),
      std::string_view(after == TouchState::kBounced &&
                               known.contains(ReceiptState::kBounced)
                           ? "dead_recipient"
                           : ""));
  statements_.Run(db_, "DELETE FROM touch_contents WHERE touch = ?", touch);
  statements_.Run(db_, "UPDATE attempts SET address = NULL WHERE touch = ?",
                  touch);
}

void ReceiptWriter::TakeKept(const std::string& channel,
                             const std::string& provider_id) {
  SQLite::Statement get(db_, std::string(kKeptColumns) +
                                 "WHERE provider_id = ? AND channel = ? "
                                 "ORDER BY id");
  SQLite::bind(get, provider_id, channel);
  TakeRows(get);
}

void ReceiptWriter::TakeAllKept() {
  SQLite::Statement get(
      db_, std::string(kKeptColumns) +
               "WHERE EXISTS (SELECT 1 FROM touches t "
               "WHERE t.touch_id = k.touch_id) OR EXISTS (SELECT 1 FROM "
               "attempts a WHERE a.provider_id = k.provider_id "
               "AND a.provider_id <> '' AND a.channel = k.channel) "
               "ORDER BY id");
  TakeRows(get);
}

void ReceiptWriter::TakeRows(SQLite::Statement& get) {
  std::vector<std::pair<int64_t, Receipt>> found;
  while (get.executeStep()) {
    found.emplace_back(get.getColumn(9).getInt64(), KeptOf(get));
  }
  for (const auto& [id, receipt] : found) {
    statements_.Run(db_, "DELETE FROM kept_receipts WHERE id = ?", id);
    if (Take(receipt) == ReceiptFate::kUnknown) Keep(receipt);
  }
}

}  // namespace rekindle
