#include "daemon/commands/command_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "config/base/words.h"
#include "engine/exports/exports.h"

namespace rekindle {
namespace {

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

void AddCommon(CLI::App* command, GivenOptions* given) {
  command->add_option("--config", given->line.config,
                      "the settings file (default ./rekindle.yaml, then "
                      "/etc/rekindle/rekindle.yaml)");
  command
      ->add_option("--log-level", given->line.log_level,
                   "debug, info, warn or error (default warn)")
      ->check(Among({"debug", "info", "warn", "error"}));
}

void AddAsOf(CLI::App* command, GivenOptions* given) {
  command->add_option(
      "--as-of", given->line.as_of,
      "an instant (2026-03-01T10:00:00+08:00) or a day, meaning "
      "its end (2026-03-01); default now");
}

void AddRowFormat(CLI::App* command, GivenOptions* given) {
  command
      ->add_option("--format", given->format,
                   "table, csv or ndjson (default: table on a terminal, else "
                   "csv)")
      ->check(Among({"table", "csv", "ndjson"}));
}

void AddRule(CLI::App* command, GivenOptions* given) {
  command->add_option("--rule", given->rule, "only this rule");
}

CLI::Option* AddBy(CLI::App* command, GivenOptions* given) {
  return command->add_option(
      "--by", given->line.by,
      "who decides (default: the user who gives the command)");
}

// Name, one line of what it does, an example in one line (more may follow).
CLI::App* Add(CLI::App& cli, GivenOptions* given, const std::string& name,
              const std::string& what, const std::string& example) {
  CLI::App* command = cli.add_subcommand(name, what);
  command->footer(std::string(kExample) + example);
  AddCommon(command, given);
  return command;
}

void AddCheck(CLI::App& cli, GivenOptions* given) {
  Add(cli, given, "check",
      "validate settings, rules and templates, as the daemon would",
      "rekindle check --config /etc/rekindle/rekindle.yaml");
}

void AddSchema(CLI::App& cli, GivenOptions* given) {
  Add(cli, given, "schema",
      "print the JSON Schema of the settings, for editors",
      "rekindle schema > rekindle.schema.json\nThen, as the first line of a "
      "settings file: # yaml-language-server: $schema=rekindle.schema.json");
}

void AddImport(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "import",
          "bring in events (or what a flag names) from CSV or NDJSON; .gz too",
          "rekindle import --users users.csv && rekindle import events.csv.gz");
  command->add_option("FILE", given->line.files, "files; - is standard input")
      ->required();
  auto* users =
      command->add_flag("--users", given->users, "users and profiles");
  auto* touches =
      command->add_flag("--touches", given->touches, "campaigns run elsewhere");
  auto* suppressions = command->add_flag("--suppressions", given->suppressions,
                                         "addresses not to write to");
  auto* tags = command->add_flag("--tags", given->tags, "hand-set tags");
  auto* receipts =
      command->add_flag("--receipts", given->receipts,
                        "what became of touches that were handed off");
  receipts->excludes(users)->excludes(touches)->excludes(suppressions);
  receipts->excludes(tags);
  users->excludes(touches)->excludes(suppressions)->excludes(tags);
  touches->excludes(suppressions)->excludes(tags);
  suppressions->excludes(tags);
  command
      ->add_option("--format", given->format,
                   "the input's: csv, ndjson or dead_letter (default: by the "
                   "file's name, csv on standard input)")
      ->check(Among({"csv", "ndjson", "dead_letter"}));
  AddAsOf(command, given);
}

void AddQuestions(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "recompute", "store states and labels with their history",
          "rekindle recompute --as-of 2026-02-28");
  AddAsOf(command, given);
  command = Add(cli, given, "plan",
                "what a run would do, one row a matched user, and why not for "
                "the rest",
                "rekindle plan --rule wake-car-control");
  AddAsOf(command, given);
  AddRule(command, given);
  AddRowFormat(command, given);
  command =
      Add(cli, given, "run", "work the due slots once and send what may leave",
          "rekindle run --rule wake-car-control");
  AddAsOf(command, given);
  AddRule(command, given);
  AddRowFormat(command, given);
  auto* pass_guard =
      command->add_flag("--pass-guard", given->line.pass_guard,
                        "let the slot of --rule through the blast guard; "
                        "recorded as an approval");
  AddBy(command, given)->needs(pass_guard);
  command = Add(cli, given, "explain",
                "a user's state and labels, and each rule's stages with the "
                "values compared",
                "rekindle explain u1042 --rule wake-car-control");
  command->add_option("USER", given->line.user, "the user's id")->required();
  AddAsOf(command, given);
  AddRule(command, given);
  command
      ->add_option("--format", given->format,
                   "text or ndjson, one object (default: text)")
      ->check(Among({"text", "ndjson"}));
  command = Add(cli, given, "review",
                "what each rule changed: treated against held out",
                "rekindle review --rule wake-car-control --format csv");
  AddAsOf(command, given);
  AddRule(command, given);
  AddRowFormat(command, given);
}

// Commands that record what a person decided.
CLI::App* AddDecision(CLI::App& cli, GivenOptions* given,
                      const std::string& name, const std::string& what,
                      const std::string& example) {
  CLI::App* command = Add(cli, given, name, what, example);
  command->add_option("RULE", given->rule, "the rule's id")->required();
  AddBy(command, given);
  command->add_option("--note", given->line.note, "why; kept with it");
  AddAsOf(command, given);
  return command;
}

void AddOversight(CLI::App& cli, GivenOptions* given) {
  CLI::App* command = AddDecision(
      cli, given, "approve",
      "let the version of a rule that is in force send, or (--slot) a slot "
      "that the blast guard stopped go on",
      "rekindle approve wake-car-control --note \"seen by Li Lei\" && "
      "rekindle approve wake-car-control --slot");
  command->add_option("--version", given->line.version,
                      "the version you looked at (its first characters are "
                      "enough); refused where another is in force");
  command
      ->add_option_function<std::vector<std::string>>(
          "--slot",
          [given](const std::vector<std::string>& slot) {
            // CLI11 writes {} for no value.
            const bool latest = slot.empty() || slot[0] == "{}";
            given->line.slot = latest ? "" : slot[0];
          },
          "the slot's instant (default: the latest that was stopped)")
      ->expected(0, 1);
  command = Add(cli, given, "approvals",
                "what waits for a person, and who approved, paused and "
                "resumed what, newest first",
                "rekindle approvals --rule wake-car-control");
  AddRule(command, given);
  AddRowFormat(command, given);
  AddDecision(cli, given, "pause",
              "work no slot of a rule and send none of its touches, until it "
              "is resumed",
              "rekindle pause wake-car-control --note \"wrong link\"");
  AddDecision(cli, given, "resume",
              "go on with a paused rule; a touch that waited too long is "
              "dropped as expired",
              "rekindle resume wake-car-control");
}

void AddExport(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "export", "write a table as of an instant",
          "rekindle export retention --unit week --behavior trip");
  command
      ->add_option("TABLE", given->line.export_name, Join(ExportNames(), ", "))
      ->required();
  command
      ->add_option("--unit", given->line.unit,
                   "of retention: day, week or month (default: the period)")
      ->check(Among({"day", "week", "month"}));
  command->add_option("--behavior", given->line.behavior,
                      "of retention: the behavior that counts (default: "
                      "activity)");
  AddAsOf(command, given);
  AddRowFormat(command, given);
}

void AddGenerate(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "generate",
          "a synthetic car-app history: events.csv.gz and users.csv.gz",
          "rekindle generate --users 10000 --months 6 --seed 1 --out history");
  GenerateOptions& g = given->line.generate;
  command->add_option("--users", g.users, "how many users")->required();
  command->add_option("--months", g.months, "months of history")->required();
  command->add_option("--seed", g.seed, "the same seed writes the same bytes")
      ->required();
  command->add_option("--out", g.out_dir,
                      "the folder (default .); - streams the events alone, as "
                      "CSV, to standard output");
  command->add_option("--end", given->line.end,
                      "the last day of the history (2026-06-30); the weeks of "
                      "--follow begin on the day after");
  command->add_option("--share", given->line.share,
                      "of the days on which users do something, as 8% "
                      "(default 100%): fewer events of more users");
  auto* follow = command->add_option(
      "--follow", given->line.follow,
      "write the weeks after the history instead, with the "
      "users' answers to these touches (an export of touches)");
  command->add_option("--weeks", given->line.weeks, "of --follow (default 4)")
      ->needs(follow);
  command
      ->add_option("--outcome-seed", given->line.outcome_seed,
                   "of --follow: draws the answers (default: --seed)")
      ->needs(follow);
  command
      ->add_option("--effect", given->line.effects,
                   "of --follow: RULE=SHARE[:GOAL], by how much the treated "
                   "of the rule reach the goal more often (goal app_open "
                   "or order_paid); may be repeated")
      ->needs(follow);
}

void AddForget(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "forget", "erase a person everywhere, for good",
          "rekindle forget u1042");
  command->add_option("USER", given->line.user, "the user's id")->required();
}

void AddReceipt(CLI::App& cli, GivenOptions* given) {
  CLI::App* command = Add(
      cli, given, "receipt",
      "take in mails that report what became of mails: bounces, complaints",
      "rekindle receipt --dsn - --recipient \"$ORIGINAL_RECIPIENT\" < bounce");
  command->add_flag("--dsn", given->dsn, "each file is one mail, as it came")
      ->required();
  command->add_option("FILE", given->line.files, "files; - is standard input")
      ->required();
  command->add_option("--channel", given->line.channel,
                      "the channel the mails went through (default: the only "
                      "one of type smtp)");
  command->add_option("--recipient", given->line.recipient,
                      "whom the mail server got the report for (default: by "
                      "the mail's headers)");
}

void AddStore(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "store",
          "the data folder's files: verify every checksum, merge small "
          "batches and give space back, or show sizes and counts",
          "rekindle store check");
  command
      ->add_option("ACTION", given->line.store_action,
                   "check, compact or stats")
      ->required()
      ->check(Among({"check", "compact", "stats"}));
  AddRowFormat(command, given);
}

void AddChannel(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "channel",
          "hold a channel and let it go on, across restarts: pause sends "
          "nothing more, drain sends what is planned already and then "
          "nothing more; status shows every channel",
          "rekindle channel pause push");
  command
      ->add_option("ACTION", given->line.channel_action,
                   "status, pause, drain or resume")
      ->required()
      ->check(Among({"status", "pause", "drain", "resume"}));
  command->add_option("CHANNEL", given->line.channel,
                      "the channel's id (of status: all)");
  AddRowFormat(command, given);
}

void AddSettle(CLI::App& cli, GivenOptions* given) {
  CLI::App* command =
      Add(cli, given, "settle",
          "decide about unknown touches, which may have been sent: accepted "
          "and failed are final, resend sends them once more",
          "rekindle settle --channel mail --slot 2026-02-01T10:00:00+08:00 "
          "--as accepted --dry-run");
  command->add_option("TOUCH", given->line.touch_ids, "touch ids");
  command
      ->add_option("--as", given->line.settle_as, "accepted, failed or resend")
      ->required()
      ->check(Among({"accepted", "failed", "resend"}));
  command->add_option("--channel", given->line.channel,
                      "all unknown ones of this channel");
  command->add_option("--rule", given->rule, "all of this rule");
  command->add_option("--slot", given->line.slot,
                      "all of this slot: an instant, with its offset");
  command->add_flag("--dry-run", given->line.dry_run,
                    "show them, settle nothing");
  AddAsOf(command, given);
  AddRowFormat(command, given);
}

}  // namespace

void AddCommands(CLI::App& cli, GivenOptions* given) {
  AddCheck(cli, given);
  AddSchema(cli, given);
  AddImport(cli, given);
  AddQuestions(cli, given);
  AddOversight(cli, given);
  AddExport(cli, given);
  AddGenerate(cli, given);
  AddReceipt(cli, given);
  AddForget(cli, given);
  AddStore(cli, given);
  AddChannel(cli, given);
  AddSettle(cli, given);
}

}  // namespace rekindle
