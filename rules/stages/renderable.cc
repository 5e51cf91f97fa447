// Renderable: every text that the user might get must have all its variables,
// in every variant, so that the variants stay alike. Keeps the texts of the
// user's own variant.
#include <fmt/format.h>

#include <algorithm>

#include "engine/links/tracking.h"
#include "rules/arms.h"
#include "rules/stages/stages.h"
#include "rules/variables.h"

namespace rekindle {
namespace {

// The templates a rule may send, each once.
std::vector<const MessageTemplate*> TemplatesOf(const PlanContext& context) {
  std::vector<std::string> ids;
  for (const Variant& variant : context.rule.variants) {
    ids.push_back(variant.template_id);
  }
  if (ids.empty()) ids.push_back(context.rule.template_id);
  std::vector<const MessageTemplate*> templates;
  for (const std::string& id : ids) {
    const MessageTemplate* found = &context.rules.templates.at(id);
    if (std::find(templates.begin(), templates.end(), found) ==
        templates.end()) {
      templates.push_back(found);
    }
  }
  return templates;
}

Variables ReadVariables(const PlanContext& context,
                        const std::vector<const MessageTemplate*>& templates,
                        const std::vector<Candidate>& candidates) {
  std::vector<std::string> names;
  for (const MessageTemplate* message : templates) {
    for (std::string& name : message->Variables()) {
      names.push_back(std::move(name));
    }
  }
  UserSet users;
  for (const Candidate& c : candidates) {
    if (IsOpen(c)) users.Add(c.user);
  }
  return Variables(context.facts, names, users);
}

// Renders for one user.
class Renderer {
 public:
  Renderer(const PlanContext& context, const Tracking& tracking,
           const Variables& variables, UserNumber user)
      : language_(LanguageOf(context.facts, user)),
        tracking_(tracking),
        lookup_([this, &context, &variables, user](std::string_view name) {
          if (name == kUnsubscribeUrl && tracking_.on()) {
            return std::optional(UnsubscribeUrl(context, user));
          }
          return variables.ValueOf(user, name, language_);
        }) {}
  Renderer(const Renderer&) = delete;
  Renderer& operator=(const Renderer&) = delete;

  // The error's message is the missing variable's name.
  Result<std::vector<ChannelContent>> Render(
      const MessageTemplate& message,
      const std::vector<std::string>& channels) const {
    std::vector<ChannelContent> contents;
    for (const std::string& channel : channels) {
      ChannelContent content{.channel = channel};
      auto found = message.channels.find(channel);
      if (found == message.channels.end()) continue;
      for (const TemplatePart& part : found->second) {
        const TemplateText& text = language_ == "en" ? part.en : part.zh;
        auto rendered = text.Render(lookup_, part.escaping);
        if (!rendered) return tl::make_unexpected(rendered.error());
        content.parts.emplace_back(part.key, *std::move(rendered));
      }
      contents.push_back(std::move(content));
    }
    return contents;
  }

  std::string_view language() const { return language_; }

 private:
  std::string UnsubscribeUrl(const PlanContext& context,
                             UserNumber user) const {
    return tracking_.UnsubscribeUrl(
        TouchIdOf(context.rule.id, context.facts.users().IdOf(user),
                  context.slot, 0),
        language_);
  }

  std::string_view language_;
  const Tracking& tracking_;
  VariableLookup lookup_;
};

class RenderableStage : public Stage {
 public:
  std::string_view name() const override { return "renderable"; }

  void Run(PlanContext& context,
           std::vector<Candidate>& candidates) const override {
    const auto templates = TemplatesOf(context);
    const Variables variables = ReadVariables(context, templates, candidates);
    const Tracking tracking(context.facts.settings().links,
                            context.ledger.key());
    for (Candidate& c : candidates) {
      if (IsOpen(c)) Check(context, templates, tracking, variables, c);
    }
  }

 private:
  static void Check(const PlanContext& context,
                    const std::vector<const MessageTemplate*>& templates,
                    const Tracking& tracking, const Variables& variables,
                    Candidate& c) {
    const Renderer renderer(context, tracking, variables, c.user);
    const Variant* chosen =
        ChooseVariant(context.rules.hold_out, context.rule,
                      context.facts.users().ExperimentKey(c.user));
    const std::string& own =
        chosen == nullptr ? context.rule.template_id : chosen->template_id;
    for (const MessageTemplate* message : templates) {
      auto contents = renderer.Render(*message, c.channels);
      if (!contents) {
        return Skip(c, Reason::kMissingVariable, contents.error().message);
      }
      if (message->id == own) c.contents = *std::move(contents);
    }
    if (c.user == context.explained) {
      c.detail = fmt::format("every variable has a value (language {})",
                             renderer.language());
    }
  }
};

}  // namespace

std::unique_ptr<const Stage> MakeRenderableStage() {
  return std::make_unique<RenderableStage>();
}

}  // namespace rekindle
