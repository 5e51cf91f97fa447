// `rekindle import`: brings files in, with progress and a summary.
#include <fmt/format.h>
#include <fmt/ostream.h>

#include <filesystem>
#include <streambuf>

#include "daemon/commands/command.h"
#include "engine/intake/dead_letter.h"

namespace rekindle {
namespace {

// Shows a bar on a terminal; says nothing elsewhere.
class ProgressBar {
 public:
  ProgressBar(const std::string& name, CommandStreams& streams)
      : name_(name), err_(streams.err), shown_(streams.err_is_terminal) {}
  ~ProgressBar() {
    if (drawn_) err_ << "\r\033[K" << std::flush;
  }

  void operator()(const ImportProgress& progress) {
    if (!shown_) return;
    drawn_ = true;
    if (progress.bytes_total && *progress.bytes_total > 0) {
      int percent =
          static_cast<int>(100 * progress.bytes_read / *progress.bytes_total);
      fmt::print(err_, "\r{}: {:3} % [{:<40}] {} rows", name_, percent,
                 std::string(static_cast<size_t>(percent) * 40 / 100, '='),
                 progress.rows);
    } else {
      fmt::print(err_, "\r{}: {} rows", name_, progress.rows);
    }
    err_ << std::flush;
  }

 private:
  const std::string& name_;
  std::ostream& err_;
  const bool shown_;
  bool drawn_ = false;
};

// The first line of the input, as far as a first piece of it holds it; the
// input still begins with it afterwards.
std::string FirstLine(InputFile& file) {
  std::streambuf& in = *file.stream().rdbuf();
  std::string line;
  if (in.sgetc() == std::streambuf::traits_type::eof()) return line;
  const std::streamsize there = in.in_avail();
  while (std::ssize(line) < there && !line.ends_with('\n')) {
    line += static_cast<char>(in.sbumpc());
  }
  for (size_t i = 0; i < line.size(); ++i) in.sungetc();
  if (line.ends_with('\n')) line.pop_back();
  return line;
}

// Rows that were refused would all be refused once more.
bool HoldsDeadLetters(InputFile& file) {
  const std::filesystem::path path = file.name();
  return (path.parent_path().filename() == "dead_letter" &&
          FormatOfFile(file.name()) == ImportFormat::kNdjson) ||
         ParseDeadLetterLine(FirstLine(file)).has_value();
}

void WriteSummary(const std::string& name, const ImportSummary& summary,
                  CommandStreams& streams) {
  fmt::print(streams.out, "{}: {} read, {} accepted, {} duplicate, {} rejected",
             name, summary.read, summary.accepted, summary.duplicate,
             summary.rejected);
  if (summary.dropped > 0) {
    fmt::print(streams.out, "; {} taken without an address that will not do",
               summary.dropped);
  }
  fmt::print(streams.out, "\n");
  for (const std::string& error : summary.first_errors) {
    fmt::print(streams.err, "{}\n", error);
  }
  if (!summary.dead_letter.empty()) {
    fmt::print(streams.err, "rejected rows are kept in {}\n",
               summary.dead_letter.string());
  }
}

// Touches of campaigns run elsewhere are judged by their rule's goal.
std::optional<ImportedGoal> GoalOf(const Configuration& configuration,
                                   const std::string& rule_id, Instant at) {
  const Rule* rule = configuration.rules->Find(rule_id);
  if (!rule || !rule->goal) return std::nullopt;
  return ImportedGoal{
      rule->goal->behavior_name,
      Forward(rule->goal->within, at, configuration.engine->calendar,
              configuration.engine->lifecycle.period)};
}

}  // namespace

int RunImport(const CommandLine& line, Session& session,
              CommandStreams& streams) {
  auto now = AsOf(line, session);
  if (!now) return Report(now.error(), streams);
  auto configuration = session.configuration();
  ImportRequest request = line.import;
  request.goal_of = [&](const std::string& rule_id, Instant at) {
    return GoalOf(*configuration, rule_id, at);
  };
  int64_t rejected = 0;
  for (auto& input : streams.inputs) {
    if (!request.format && HoldsDeadLetters(*input)) {
      return Report(
          {ErrorKind::kUsage,
           fmt::format("{} holds rows that were refused earlier: --format "
                       "dead_letter brings them in again, --format ndjson "
                       "takes the file as any other",
                       input->name())},
          streams);
    }
    Result<ImportSummary> summary = [&] {
      ProgressBar bar(input->name(), streams);
      return Import(session.engine(), *input, request, *now, std::ref(bar));
    }();
    if (!summary) return Report(summary.error(), streams);
    WriteSummary(input->name(), *summary, streams);
    rejected += summary->rejected + summary->dropped;
  }
  return rejected == 0 ? kExitDone : kExitSomeRejected;
}

}  // namespace rekindle
