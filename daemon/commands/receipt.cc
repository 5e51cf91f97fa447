// `rekindle receipt --dsn`: bounces and complaints that come by mail.
#include <fmt/ostream.h>

#include <iterator>

#include "channels/receipts/mail_report.h"
#include "daemon/commands/command.h"
#include "engine/links/link_token.h"
#include "engine/links/tracking.h"

namespace rekindle {
namespace {

constexpr size_t kLargestMail = 64 << 20;

Result<const Channel*> FindMailChannel(const Configuration& configuration,
                                       const std::string& asked) {
  const Channel* found = nullptr;
  for (const Channel& channel : configuration.channels) {
    if (asked.empty() ? channel.type != "smtp" : channel.id != asked) continue;
    if (found != nullptr) {
      return Fail(ErrorKind::kUsage,
                  fmt::format("there are several channels of type smtp; name "
                              "one, as in --channel {}",
                              found->id));
    }
    found = &channel;
  }
  if (found != nullptr) return found;
  return Fail(ErrorKind::kUsage, asked.empty()
                                     ? "there is no channel of type smtp"
                                     : "there is no channel \"" + asked + "\"");
}

// Whether its mails have a sender address of their own each.
bool SignsBounces(const Channel& channel) {
  for (const std::string& part : channel.adapter->traits().added_parts) {
    if (part == kBounceToken) return true;
  }
  return false;
}

// The id of the touch that the report is about; empty where nothing genuine
// names it. Where mails have signed sender addresses, nothing else counts:
// anybody can write a report.
std::string TouchIdOf(const MailReport& report, const Channel& channel,
                      const std::string& recipient, const std::string& key) {
  std::vector<std::string> places = {recipient};
  places.insert(places.end(), report.return_paths.begin(),
                report.return_paths.end());
  for (const std::string& place : places) {
    for (const std::string& token : BounceTokensIn(place)) {
      if (auto touch_id = ReadBounceToken(key, token)) return *touch_id;
    }
  }
  if (SignsBounces(channel)) return "";
  return report.message_id.substr(0, report.message_id.find('@'));
}

// What became of one mail, for people; an error where it could not be read.
Result<std::string> TakeMail(InputFile& input, const Channel& channel,
                             const std::string& recipient, Session& session) {
  std::string mail(std::istreambuf_iterator<char>(input.stream()), {});
  if (input.error()) return tl::make_unexpected(*input.error());
  if (mail.size() > kLargestMail) {
    return Fail(ErrorKind::kUsage, input.name() + " is larger than 64 MB");
  }
  const auto report = ReadMailReport(mail);
  if (!report) return "no report about a mail; passed over";
  Ledger& ledger = session.engine().ledger();
  const std::string touch_id =
      TouchIdOf(*report, channel, recipient, ledger.key());
  if (touch_id.empty()) return "it is about no mail of ours; passed over";

  const Instant now = session.clock().Now();
  auto receipts = ReceiptsOf(*report, channel.id, now);
  for (Receipt& receipt : receipts) receipt.touch_id = touch_id;
  const auto users_stay = session.engine().At(now);
  std::string told;
  const auto fates = ledger.TakeReceipts(receipts, now);
  for (size_t i = 0; i < fates.size(); ++i) {
    if (!told.empty()) told += ", ";
    told += ReceiptStateName(receipts[i].state);
    if (fates[i] == ReceiptFate::kRepeated) told += " (known)";
    if (fates[i] == ReceiptFate::kUnknown) told += " (unknown touch; kept)";
    if (fates[i] == ReceiptFate::kNotSent) told += " (the touch never left)";
  }
  return told.empty() ? "it names no recipient; passed over" : told;
}

}  // namespace

int RunReceipt(const CommandLine& line, Session& session,
               CommandStreams& streams) {
  const auto configuration = session.configuration();
  const auto channel = FindMailChannel(*configuration, line.channel);
  if (!channel) return Report(channel.error(), streams);
  for (auto& input : streams.inputs) {
    const auto told = TakeMail(*input, **channel, line.recipient, session);
    if (!told) return Report(told.error(), streams);
    fmt::print(streams.out, "{}: {}\n", input->name(), *told);
  }
  return kExitDone;
}

}  // namespace rekindle
