package io.guardbee.service.backup;

import io.guardbee.pki.Quoted;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * How the settings of a backup differ from those that would be in force without it.
 *
 * @param weighty settings that name libraries, addresses or files, one line each
 * @param others names of the other settings that differ
 */
public record ConfigChanges(List<String> weighty, List<String> others) {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** What decides which code runs, who is asked, which files are read and who can reach it. */
  private static final String WEIGHTY =
      "(hsm|tls|db|listen)\\..*|approval\\.webhook\\.(url|secretFile|trustFile)|"
          + "revocation\\.address|.*(uri|url|address|[fF]ile|path|module|library)";

  public ConfigChanges {
    weighty = List.copyOf(weighty);
    others = List.copyOf(others);
  }

  static ConfigChanges between(Home home, Home staged) throws IOException {
    Config now = Files.exists(home.config()) ? ConfigFile.reload(home) : ConfigFile.shipped();
    Map<String, String> before = flat(now);
    Map<String, String> after = flat(ConfigFile.reload(staged));
    List<String> weighty = new ArrayList<>();
    List<String> others = new ArrayList<>();
    TreeSet<String> keys = new TreeSet<>(before.keySet());
    keys.addAll(after.keySet());
    for (String key : keys) {
      String value = after.getOrDefault(key, "");
      if (value.equals(before.getOrDefault(key, ""))) {
        continue;
      }
      if (key.matches(WEIGHTY)) {
        weighty.add(Quoted.line(key) + ": " + shown(value) + warning(value));
      } else {
        others.add(Quoted.line(key));
      }
    }
    return new ConfigChanges(weighty, others);
  }

  private static String shown(String value) {
    return Quoted.of(value.replaceAll("pin-value=[^&;]*", "pin-value=***"));
  }

  private static String warning(String value) {
    return value.contains("module-path=") ? "  (a library that the service loads)" : "";
  }

  private static Map<String, String> flat(Config config) {
    Map<String, String> all = new TreeMap<>();
    flatten("", JSON.valueToTree(config), all);
    return all;
  }

  private static void flatten(String prefix, JsonNode node, Map<String, String> all) {
    if (!node.isObject()) {
      all.put(prefix, node.isString() ? node.asString() : node.toString());
      return;
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      String key = prefix.isEmpty() ? entry.getKey() : prefix + "." + entry.getKey();
      flatten(key, entry.getValue(), all);
    }
  }
}
