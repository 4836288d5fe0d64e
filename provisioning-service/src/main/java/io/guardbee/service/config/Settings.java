package io.guardbee.service.config;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/** Every setting in the order of the shipped file, with its default and what is said of it. */
public final class Settings {

  /** An address may hold a password. */
  private static final Pattern SECRET =
      Pattern.compile("(pin-value|password)=[^&;?]*", Pattern.CASE_INSENSITIVE);

  private static final Pattern PLAIN = Pattern.compile("[A-Za-z][A-Za-z0-9-]*|PT?[0-9A-Z.]+");
  private static final Pattern WORD = Pattern.compile("(?i)true|false|null|yes|no|on|off|y|n");

  private final ObjectNode inForce;
  private final ObjectNode defaults;
  private final SettingComments comments;

  private Settings(ObjectNode inForce, ObjectNode defaults, SettingComments comments) {
    this.inForce = inForce;
    this.defaults = defaults;
    this.comments = comments;
  }

  /**
   * Those of a home; of one without a file, the defaults. Writes nothing.
   *
   * @throws io.guardbee.pki.RefusedException {@code CONFIGURATION_INVALID} naming file, key and fix
   */
  public static Settings of(Home home) throws IOException {
    return new Settings(
        ConfigFile.settings(home),
        ConfigFile.defaultSettings(),
        new SettingComments(ConfigFile.shippedText()));
  }

  /** Those of a home that changes none. */
  public static Settings shipped() throws IOException {
    ObjectNode defaults = ConfigFile.defaultSettings();
    return new Settings(defaults, defaults, new SettingComments(ConfigFile.shippedText()));
  }

  /**
   * One setting.
   *
   * @param key such as {@code listen.https}
   * @param value in force; secrets as {@code ***}
   * @param standard what it is where the file leaves it out
   * @param comment empty for none
   */
  public record Setting(
      String key, JsonNode value, @JsonProperty("default") JsonNode standard, String comment) {}

  /** All of them. */
  public List<Setting> all() {
    List<Setting> all = new ArrayList<>();
    collect("", inForce, all);
    return all;
  }

  private void collect(String path, ObjectNode node, List<Setting> all) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      if (entry.getValue() instanceof ObjectNode deeper) {
        collect(key, deeper, all);
      } else {
        SettingComments.Comment comment = comments.of(key);
        String told = (String.join(" ", comment.above()) + " " + comment.beside()).strip();
        all.add(new Setting(key, shown(entry.getValue()), standard(key), told));
      }
    }
  }

  /** The default; of a profile that is not shipped, that of {@code sensor}. */
  private JsonNode standard(String key) {
    JsonNode found = at(key);
    return found.isMissingNode()
        ? at(key.replaceFirst("^profiles\\.[^.]+\\.", "profiles.sensor."))
        : found;
  }

  private JsonNode at(String key) {
    JsonNode node = defaults;
    for (String part : key.split("\\.", -1)) {
      node = node.path(part);
    }
    return node;
  }

  private static JsonNode shown(JsonNode value) {
    return value.isString() ? StringNode.valueOf(masked(value.asString())) : value;
  }

  /** A value with {@code ***} for the secrets in it. */
  public static String masked(String value) {
    return SECRET.matcher(value).replaceAll("$1=***");
  }

  /** As YAML that means the same, each key with its default and comment beside. */
  public String yaml() {
    StringBuilder page = new StringBuilder();
    print("", "", inForce, page);
    return page.toString();
  }

  private void print(String path, String indent, ObjectNode node, StringBuilder page) {
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = path.isEmpty() ? entry.getKey() : path + "." + entry.getKey();
      SettingComments.Comment comment = comments.of(key);
      comment.above().forEach(line -> page.append(indent).append("# ").append(line).append('\n'));
      page.append(indent).append(entry.getKey()).append(':');
      if (entry.getValue() instanceof ObjectNode deeper) {
        page.append(comment.beside().isEmpty() ? "" : "  # " + comment.beside()).append('\n');
        print(key, indent + "  ", deeper, page);
      } else {
        JsonNode value = entry.getValue();
        JsonNode standard = standard(key);
        page.append(' ').append(text(shown(value))).append("  # default");
        page.append(value.equals(standard) ? "" : " " + text(standard));
        page.append(comment.beside().isEmpty() ? "" : "; " + comment.beside()).append('\n');
      }
    }
  }

  /** JSON is YAML too; words and durations read better without quotes. */
  private static String text(JsonNode value) {
    String text = value.isString() ? value.asString() : "";
    return PLAIN.matcher(text).matches() && !WORD.matcher(text).matches() ? text : value.toString();
  }
}
