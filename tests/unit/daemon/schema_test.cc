// The JSON Schema against the parsers: for every map they read, the schema has
// exactly the keys they take. tests/support/whole.yaml holds every key.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "config/yaml/document.h"
#include "daemon/session/configuration.h"
#include "daemon/texts/assets.h"
#include "tests/support/temp_dir.h"

namespace rekindle {
namespace {

using Json = nlohmann::json;
using Schemas = std::vector<const Json*>;

std::string FileText(const std::string& name) {
  std::ifstream in(std::string(REKINDLE_SOURCE_DIR) + "/" + name);
  EXPECT_TRUE(in) << name;
  return {std::istreambuf_iterator<char>(in), {}};
}

class Schema {
 public:
  explicit Schema(std::string_view text) : root_(Json::parse(text)) {
    Walk(root_, "");
  }

  const Json& root() const { return root_; }
  // Every schema that lists properties, by where it stands.
  const std::map<const Json*, std::string>& lists() const { return lists_; }

  // What may describe one value: the schema itself or what it refers to.
  void Expand(const Json& schema, Schemas* found) const {
    found->push_back(&schema);
    if (schema.contains("$ref")) {
      const auto name = schema["$ref"].get<std::string>();
      Expand(root_.at(Json::json_pointer(name.substr(1))), found);
    }
    for (const char* several : {"anyOf", "allOf"}) {
      if (!schema.contains(several)) continue;
      for (const Json& one : schema[several]) Expand(one, found);
    }
    if (schema.contains("then")) Expand(schema["then"], found);
  }

  Schemas Under(const Schemas& parents, const std::string& key) const {
    Schemas found;
    for (const Json* parent : parents) {
      if (parent->contains("properties") &&
          (*parent)["properties"].contains(key)) {
        Expand((*parent)["properties"][key], &found);
      } else if (parent->contains("additionalProperties") &&
                 (*parent)["additionalProperties"].is_object()) {
        Expand((*parent)["additionalProperties"], &found);
      }
    }
    return found;
  }

  Schemas Items(const Schemas& parents) const {
    Schemas found;
    for (const Json* parent : parents) {
      if (parent->contains("items")) Expand((*parent)["items"], &found);
    }
    return found;
  }

 private:
  void Walk(const Json& json, const std::string& at) {
    if (json.is_object() && json.contains("properties") &&
        json["properties"].is_object() && json.contains("type")) {
      lists_[&json] = at.empty() ? "/" : at;
    }
    if (!json.is_structured()) return;
    for (const auto& [key, value] : json.items()) Walk(value, at + "/" + key);
  }

  Json root_;
  std::map<const Json*, std::string> lists_;
};

// The schemas of every map in a document, by its place.
class MapSchemas {
 public:
  MapSchemas(const Schema& schema, const yaml::Node& document)
      : schema_(schema) {
    Schemas root;
    schema.Expand(schema.root(), &root);
    Walk(document, root);
  }

  const Schemas& At(const yaml::Position& at) const {
    static const Schemas kNone;
    const auto found = by_place_.find({at.line, at.column});
    return found == by_place_.end() ? kNone : found->second;
  }

 private:
  void Walk(const yaml::Node& node, const Schemas& schemas) {
    if (node.IsMap()) {
      const yaml::Position at = node.position();
      by_place_[{at.line, at.column}] = schemas;
    }
    for (const auto& [key, value] : node.Entries()) {
      Walk(value, schema_.Under(schemas, key.text()));
    }
    for (const yaml::Node& item : node.Items()) {
      Walk(item, schema_.Items(schemas));
    }
  }

  const Schema& schema_;
  std::map<std::pair<int, int>, Schemas> by_place_;
};

std::set<std::string> PropertiesOf(const Json& schema) {
  std::set<std::string> keys;
  if (!schema.contains("properties")) return keys;
  for (const auto& [key, value] : schema["properties"].items()) {
    keys.insert(key);
  }
  return keys;
}

class SchemaTest : public ::testing::Test {
 protected:
  SchemaTest() : schema_(Asset("rekindle.schema.json")) {
    file_ = dir_.Write("rekindle.yaml", FileText("tests/support/whole.yaml"));
    dir_.Write("further/secret", "c2VjcmV0");
    dir_.Write("further/link_secret", "sixteen characters");
    dir_.Write("further/authority.pem", "");
  }

  testing::TempDir dir_;
  std::filesystem::path file_;
  Schema schema_;
};

TEST_F(SchemaTest, HasExactlyTheKeysThatParsersTake) {
  yaml::Diagnostics d;
  d.KeepKeys();
  ASSERT_NE(LoadConfiguration(file_, d), nullptr) << d.Render();
  yaml::Diagnostics again;
  const auto document = yaml::LoadFile(file_, again);
  const MapSchemas maps(schema_, *document);

  std::set<const Json*> met;
  for (const yaml::Diagnostics::Keys& read : d.keys()) {
    const std::set<std::string> keys(read.keys.begin(), read.keys.end());
    std::string others;
    bool found = false;
    for (const Json* candidate : maps.At(read.at)) {
      const std::set<std::string> described = PropertiesOf(*candidate);
      if (described == keys) {
        found = true;
        met.insert(candidate);
      } else if (!described.empty()) {
        others += fmt::format("  {}\n", fmt::join(described, " "));
      }
    }
    EXPECT_TRUE(found) << "tests/support/whole.yaml:" << read.at.line << ":"
                       << read.at.column << ": the parser takes\n  "
                       << fmt::format("{}", fmt::join(keys, " "))
                       << "\nand config/rekindle.schema.json has\n"
                       << others;
  }
  for (const auto& [list, at] : schema_.lists()) {
    const bool discriminates = list->contains("allOf");
    EXPECT_TRUE(met.contains(list) || discriminates)
        << "config/rekindle.schema.json" << at
        << ": no map of tests/support/whole.yaml is read with these keys";
  }
}

// What is in no example cannot be told from a slip.
TEST_F(SchemaTest, EveryKeyStandsInTheWholeExample) {
  yaml::Diagnostics d;
  const auto document = yaml::LoadFile(file_, d);
  const MapSchemas maps(schema_, *document);
  std::map<const Json*, std::set<std::string>> used;
  const std::function<void(const yaml::Node&)> walk =
      [&](const yaml::Node& node) {
        for (const auto& [key, value] : node.Entries()) {
          for (const Json* schema : maps.At(node.position())) {
            used[schema].insert(key.text());
          }
          walk(value);
        }
        for (const yaml::Node& item : node.Items()) walk(item);
      };
  walk(*document);
  for (const auto& [list, at] : schema_.lists()) {
    if (at.starts_with("/definitions/secret")) continue;  // one of three
    for (const std::string& key : PropertiesOf(*list)) {
      EXPECT_TRUE(used[list].contains(key)) << at << ": " << key;
    }
  }
}

TEST_F(SchemaTest, ExplainsEveryProperty) {
  for (const auto& [list, at] : schema_.lists()) {
    for (const auto& [key, property] : (*list)["properties"].items()) {
      Schemas described;  // here, or where it refers to
      schema_.Expand(property, &described);
      for (const char* what : {"title", "description"}) {
        EXPECT_TRUE(
            std::any_of(described.begin(), described.end(),
                        [&](const Json* one) { return one->contains(what); }))
            << at << ": " << key << " has no " << what;
      }
    }
    EXPECT_TRUE(list->contains("allOf") ||
                list->value("additionalProperties", true) == false)
        << at << " must be closed";
  }
}

}  // namespace
}  // namespace rekindle
