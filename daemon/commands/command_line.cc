#include "daemon/commands/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "config/base/words.h"
#include "daemon/session/version.h"
#include "engine/exports/exports.h"

namespace rekindle {
namespace {

// CLI11 fills these; Finish turns them into the CommandLine.
struct Raw {
  CommandLine line;
  std::string format;
  std::string rule;
  bool users = false, touches = false, suppressions = false, tags = false,
       receipts = false, dsn = false;
};

// One of the words, with a did-you-mean for any other.
CLI::Validator Among(const std::vector<std::string>& words) {
  return CLI::Validator(
      [words](std::string& given) -> std::string {
        if (std::find(words.begin(), words.end(), given) != words.end()) {
          return "";
        }
        return fmt::format("not \"{}\"{}", given, Suggestion(given, words));
      },
      "{" + Join(words, ",") + "}");
}

void AddCommon(CLI::App* command, Raw* raw) {
  command->add_option("--config", raw->line.config,
                      "the settings file (default ./rekindle.yaml, then "
                      "/etc/rekindle/rekindle.yaml)");
  command
      ->add_option("--log-level", raw->line.log_level,
                   "debug, info, warn or error (default warn)")
      ->check(Among({"debug", "info", "warn", "error"}));
}

void AddAsOf(CLI::App* command, Raw* raw) {
  command->add_option(
      "--as-of", raw->line.as_of,
      "an instant (2026-03-01T10:00:00+08:00) or a day, meaning "
      "its end (2026-03-01); default now");
}

void AddRowFormat(CLI::App* command, Raw* raw) {
  command
      ->add_option("--format", raw->format,
                   "table, csv or ndjson (default: table on a terminal, else "
                   "csv)")
      ->check(Among({"table", "csv", "ndjson"}));
}

void AddRule(CLI::App* command, Raw* raw) {
  command->add_option("--rule", raw->rule, "only this rule");
}

void AddBy(CLI::App* command, Raw* raw) {
  command->add_option("--by", raw->line.by,
                      "who decides (default: the user who gives the command)");
}

constexpr std::string_view kExample = "Example: ";

// Name, one line of what it does, an example in one line (more may follow).
CLI::App* Add(CLI::App& cli, Raw* raw, const std::string& name,
              const std::string& what, const std::string& example) {
  CLI::App* command = cli.add_subcommand(name, what);
  command->footer(std::string(kExample) + example);
  AddCommon(command, raw);
  return command;
}

void AddCheck(CLI::App& cli, Raw* raw) {
  Add(cli, raw, "check",
      "validate settings, rules and templates, as the daemon would",
      "rekindle check --config /etc/rekindle/rekindle.yaml");
}

void AddSchema(CLI::App& cli, Raw* raw) {
  Add(cli, raw, "schema", "print the JSON Schema of the settings, for editors",
      "rekindle schema > rekindle.schema.json\nThen, as the first line of a "
      "settings file: # yaml-language-server: $schema=rekindle.schema.json");
}

void AddImport(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "import",
          "bring in events (or what a flag names) from CSV or NDJSON; .gz too",
          "rekindle import --users users.csv && rekindle import events.csv.gz");
  command->add_option("FILE", raw->line.files, "files; - is standard input")
      ->required();
  auto* users = command->add_flag("--users", raw->users, "users and profiles");
  auto* touches =
      command->add_flag("--touches", raw->touches, "campaigns run elsewhere");
  auto* suppressions = command->add_flag("--suppressions", raw->suppressions,
                                         "addresses not to write to");
  auto* tags = command->add_flag("--tags", raw->tags, "hand-set tags");
  auto* receipts =
      command->add_flag("--receipts", raw->receipts,
                        "what became of touches that were handed off");
  receipts->excludes(users)->excludes(touches)->excludes(suppressions);
  receipts->excludes(tags);
  users->excludes(touches)->excludes(suppressions)->excludes(tags);
  touches->excludes(suppressions)->excludes(tags);
  suppressions->excludes(tags);
  command
      ->add_option("--format", raw->format,
                   "the input's: csv, ndjson or dead_letter (default: by the "
                   "file's name, csv on standard input)")
      ->check(Among({"csv", "ndjson", "dead_letter"}));
  AddAsOf(command, raw);
}

void AddQuestions(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "recompute", "store states and labels with their history",
          "rekindle recompute --as-of 2026-02-28");
  AddAsOf(command, raw);
  command = Add(cli, raw, "plan",
                "what a run would do, one row a matched user, and why not for "
                "the rest",
                "rekindle plan --rule wake-car-control");
  AddAsOf(command, raw);
  AddRule(command, raw);
  AddRowFormat(command, raw);
  command =
      Add(cli, raw, "run", "work the due slots once and send what may leave",
          "rekindle run --rule wake-car-control");
  AddAsOf(command, raw);
  AddRule(command, raw);
  AddRowFormat(command, raw);
  command->add_flag("--pass-guard", raw->line.pass_guard,
                    "let the slot of --rule through the blast guard; recorded "
                    "as an approval");
  AddBy(command, raw);
  command = Add(cli, raw, "explain",
                "a user's state and labels, and each rule's stages with the "
                "values compared",
                "rekindle explain u1042 --rule wake-car-control");
  command->add_option("USER", raw->line.user, "the user's id")->required();
  AddAsOf(command, raw);
  AddRule(command, raw);
  command
      ->add_option("--format", raw->format,
                   "text or ndjson, one object (default: text)")
      ->check(Among({"text", "ndjson"}));
  command = Add(cli, raw, "review",
                "what each rule changed: treated against held out",
                "rekindle review --rule wake-car-control --format csv");
  AddAsOf(command, raw);
  AddRule(command, raw);
  AddRowFormat(command, raw);
}

// Commands that record what a person decided.
CLI::App* AddDecision(CLI::App& cli, Raw* raw, const std::string& name,
                      const std::string& what, const std::string& example) {
  CLI::App* command = Add(cli, raw, name, what, example);
  command->add_option("RULE", raw->rule, "the rule's id")->required();
  AddBy(command, raw);
  command->add_option("--note", raw->line.note, "why; kept with it");
  AddAsOf(command, raw);
  return command;
}

void AddOversight(CLI::App& cli, Raw* raw) {
  CLI::App* command = AddDecision(
      cli, raw, "approve",
      "let the version of a rule that is in force send, or (--slot) a slot "
      "that the blast guard stopped go on",
      "rekindle approve wake-car-control --note \"seen by Li Lei\" && "
      "rekindle approve wake-car-control --slot");
  command->add_option("--version", raw->line.version,
                      "the version you looked at (its first characters are "
                      "enough); refused where another is in force");
  command
      ->add_option_function<std::vector<std::string>>(
          "--slot",
          [raw](const std::vector<std::string>& slot) {
            // CLI11 writes {} for no value.
            const bool latest = slot.empty() || slot[0] == "{}";
            raw->line.slot = latest ? "" : slot[0];
          },
          "the slot's instant (default: the latest that was stopped)")
      ->expected(0, 1);
  command = Add(cli, raw, "approvals",
                "what waits for a person, and who approved, paused and "
                "resumed what, newest first",
                "rekindle approvals --rule wake-car-control");
  AddRule(command, raw);
  AddRowFormat(command, raw);
  AddDecision(cli, raw, "pause",
              "work no slot of a rule and send none of its touches, until it "
              "is resumed",
              "rekindle pause wake-car-control --note \"wrong link\"");
  AddDecision(cli, raw, "resume",
              "go on with a paused rule; a touch that waited too long is "
              "dropped as expired",
              "rekindle resume wake-car-control");
}

void AddExport(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "export", "write a table as of an instant",
          "rekindle export retention --unit week --behavior trip");
  command->add_option("TABLE", raw->line.export_name, Join(ExportNames(), ", "))
      ->required();
  command
      ->add_option("--unit", raw->line.unit,
                   "of retention: day, week or month (default: the period)")
      ->check(Among({"day", "week", "month"}));
  command->add_option("--behavior", raw->line.behavior,
                      "of retention: the behavior that counts (default: "
                      "activity)");
  AddAsOf(command, raw);
  AddRowFormat(command, raw);
}

void AddGenerate(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "generate",
          "a synthetic car-app history: events.csv.gz and users.csv.gz",
          "rekindle generate --users 10000 --months 6 --seed 1 --out history");
  GenerateOptions& g = raw->line.generate;
  command->add_option("--users", g.users, "how many users")->required();
  command->add_option("--months", g.months, "months of history")->required();
  command->add_option("--seed", g.seed, "the same seed writes the same bytes")
      ->required();
  command->add_option("--out", g.out_dir,
                      "the folder (default .); - streams the events alone, as "
                      "CSV, to standard output");
  command->add_option("--end", raw->line.end,
                      "the last day of the history (2026-06-30); the weeks of "
                      "--follow begin on the day after");
  command->add_option("--share", raw->line.share,
                      "of the days on which users do something, as 8% "
                      "(default 100%): fewer events of more users");
  command->add_option("--follow", raw->line.follow,
                      "write the weeks after the history instead, with the "
                      "users' answers to these touches (an export of touches)");
  command->add_option("--weeks", raw->line.weeks, "of --follow (default 4)");
  command->add_option("--outcome-seed", raw->line.outcome_seed,
                      "of --follow: draws the answers (default: --seed)");
  command->add_option("--effect", raw->line.effects,
                      "of --follow: RULE=SHARE[:GOAL], by how much the treated "
                      "of the rule reach the goal more often (goal app_open "
                      "or order_paid); may be repeated");
}

void AddForget(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "forget", "erase a person everywhere, for good",
          "rekindle forget u1042");
  command->add_option("USER", raw->line.user, "the user's id")->required();
}

void AddReceipt(CLI::App& cli, Raw* raw) {
  CLI::App* command = Add(
      cli, raw, "receipt",
      "take in mails that report what became of mails: bounces, complaints",
      "rekindle receipt --dsn - --recipient \"$ORIGINAL_RECIPIENT\" < bounce");
  command->add_flag("--dsn", raw->dsn, "each file is one mail, as it came")
      ->required();
  command->add_option("FILE", raw->line.files, "files; - is standard input")
      ->required();
  command->add_option("--channel", raw->line.channel,
                      "the channel the mails went through (default: the only "
                      "one of type smtp)");
  command->add_option("--recipient", raw->line.recipient,
                      "whom the mail server got the report for (default: by "
                      "the mail's headers)");
}

void AddStore(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "store",
          "the data folder's files: verify every checksum, merge small "
          "batches and give space back, or show sizes and counts",
          "rekindle store check");
  command
      ->add_option("ACTION", raw->line.store_action, "check, compact or stats")
      ->required()
      ->check(Among({"check", "compact", "stats"}));
  AddRowFormat(command, raw);
}

void AddChannel(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "channel",
          "hold a channel and let it go on, across restarts: pause sends "
          "nothing more, drain sends what is planned already and then "
          "nothing more; status shows every channel",
          "rekindle channel pause push");
  command
      ->add_option("ACTION", raw->line.channel_action,
                   "status, pause, drain or resume")
      ->required()
      ->check(Among({"status", "pause", "drain", "resume"}));
  command->add_option("CHANNEL", raw->line.channel,
                      "the channel's id (of status: all)");
  AddRowFormat(command, raw);
}

void AddSettle(CLI::App& cli, Raw* raw) {
  CLI::App* command =
      Add(cli, raw, "settle",
          "decide about unknown touches, which may have been sent: accepted "
          "and failed are final, resend sends them once more",
          "rekindle settle --channel mail --slot 2026-02-01T10:00:00+08:00 "
          "--as accepted --dry-run");
  command->add_option("TOUCH", raw->line.touch_ids, "touch ids");
  command->add_option("--as", raw->line.settle_as, "accepted, failed or resend")
      ->required()
      ->check(Among({"accepted", "failed", "resend"}));
  command->add_option("--channel", raw->line.channel,
                      "all unknown ones of this channel");
  command->add_option("--rule", raw->rule, "all of this rule");
  command->add_option("--slot", raw->line.slot,
                      "all of this slot: an instant, with its offset");
  command->add_flag("--dry-run", raw->line.dry_run,
                    "show them, settle nothing");
  AddAsOf(command, raw);
  AddRowFormat(command, raw);
}

CommandLine Finish(Raw raw, const std::string& command) {
  CommandLine line = std::move(raw.line);
  line.command = command;
  if (!raw.rule.empty()) line.rule = raw.rule;
  if (command == "import") {
    if (!raw.format.empty()) {
      line.import.format = ParseImportFormat(raw.format);
    }
    if (raw.users) line.import.what = ImportWhat::kUsers;
    if (raw.touches) line.import.what = ImportWhat::kTouches;
    if (raw.suppressions) line.import.what = ImportWhat::kSuppressions;
    if (raw.tags) line.import.what = ImportWhat::kTags;
    if (raw.receipts) line.import.what = ImportWhat::kReceipts;
  } else if (!raw.format.empty()) {
    line.format = ParseRowFormat(raw.format);
  }
  return line;
}

// The example of every command, a line each.
std::string ExamplesOf(const CLI::App& cli) {
  std::string examples = "Examples:\n";
  for (const CLI::App* command : cli.get_subcommands({})) {
    const std::string footer = command->get_footer();
    examples +=
        "  " + Split(footer, '\n').front().substr(kExample.size()) + "\n";
  }
  return examples;
}

// The option that the command does not have, if one was given. A value that
// looks like one is none.
std::optional<std::string> UnknownOption(
    const CLI::App& command, const std::vector<std::string>& arguments) {
  for (size_t i = 1; i < arguments.size() && arguments[i] != "--"; ++i) {
    if (!arguments[i].starts_with("--")) continue;
    const size_t equals = arguments[i].find('=');
    const std::string name = arguments[i].substr(0, equals);
    const CLI::Option* option = command.get_option_no_throw(name);
    if (option == nullptr) return name;
    if (equals == std::string::npos) i += option->get_items_expected_min();
  }
  return std::nullopt;
}

std::vector<std::string> OptionsOf(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options({})) {
    for (const std::string& name : option->get_lnames()) {
      names.push_back("--" + name);
    }
  }
  return names;
}

// A command or an option that there is not: CLI11 would only say that a
// subcommand is needed, or that words are left over. Empty where all are known.
std::string UnknownWord(const CLI::App& cli,
                        const std::vector<std::string>& arguments) {
  if (arguments.empty() || arguments[0].starts_with("-")) return "";
  std::vector<std::string> names;
  for (const CLI::App* command : cli.get_subcommands({})) {
    names.push_back(command->get_name());
    if (names.back() != arguments[0]) continue;
    const auto unknown = UnknownOption(*command, arguments);
    if (!unknown) return "";
    return fmt::format("error: {} has no option {}{}\n", arguments[0], *unknown,
                       Suggestion(*unknown, OptionsOf(*command)));
  }
  return fmt::format("error: there is no command \"{}\"{}\n", arguments[0],
                     Suggestion(arguments[0], names));
}

}  // namespace

bool RecordsPerson(const CommandLine& line) {
  return line.pass_guard || line.command == "approve" ||
         line.command == "pause" || line.command == "resume";
}

ParsedCommand ParseCommandLine(const std::vector<std::string>& arguments) {
  CLI::App cli(
      "Rekindle: who has gone quiet, what brings them back, and "
      "whether it did.",
      "rekindle");
  Raw raw;
  cli.set_version_flag("--version", kVersion);
  cli.require_subcommand(1);
  AddCheck(cli, &raw);
  AddSchema(cli, &raw);
  AddImport(cli, &raw);
  AddQuestions(cli, &raw);
  AddOversight(cli, &raw);
  AddExport(cli, &raw);
  AddGenerate(cli, &raw);
  AddReceipt(cli, &raw);
  AddForget(cli, &raw);
  AddStore(cli, &raw);
  AddChannel(cli, &raw);
  AddSettle(cli, &raw);
  cli.footer(ExamplesOf(cli) +
             "\nrekindle COMMAND --help explains one command.\n"
             "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 "
             "done but some input was rejected.");
  if (const std::string unknown = UnknownWord(cli, arguments);
      !unknown.empty()) {
    return {std::nullopt, unknown, 2};
  }
  // CLI11 takes the words in reverse.
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
  try {
    cli.parse(reversed);
  } catch (const CLI::ParseError& e) {
    std::ostringstream out, err;
    bool helped = cli.exit(e, out, err) == 0;
    return {std::nullopt, helped ? out.str() : err.str(), helped ? 0 : 2};
  }
  return {Finish(std::move(raw), cli.get_subcommands().front()->get_name()), "",
          0};
}

}  // namespace rekindle
