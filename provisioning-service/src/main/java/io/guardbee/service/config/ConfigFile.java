package io.guardbee.service.config;

import io.guardbee.files.SafeFiles;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** {@code config.yaml}: written in full on first start, then read strictly. */
public final class ConfigFile {

  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ConfigFile() {}

  /**
   * The settings of that home; a new home gets the file with every default first.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} naming file, key and fix
   */
  public static Config load(Home home) throws IOException {
    if (!Files.exists(home.config())) {
      SafeFiles.writePublic(home.config(), shippedText());
    }
    return read(home.config());
  }

  /**
   * The settings as the file says them by now; never writes it.
   *
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} naming file, key and fix
   */
  public static Config reload(Home home) throws IOException {
    return read(home.config());
  }

  /** The settings of a home that changes none. */
  public static Config shipped() throws IOException {
    return YAML.treeToValue(defaultSettings(), Config.class);
  }

  /** The file with every default, as a new home gets it. */
  public static String shippedText() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(ConfigFile.class.getResourceAsStream("config.yaml"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  /** Every default, by key. */
  static ObjectNode defaultSettings() throws IOException {
    ObjectNode settings = (ObjectNode) YAML.readTree(shippedText());
    completeProfiles(settings);
    return settings;
  }

  /** Every setting in force, by key. */
  static ObjectNode settings(Home home) throws IOException {
    return Files.exists(home.config()) ? merged(home.config()) : defaultSettings();
  }

  private static Config read(Path file) throws IOException {
    return YAML.treeToValue(merged(file), Config.class);
  }

  /** What the file says over what is shipped, found valid. */
  private static ObjectNode merged(Path file) throws IOException {
    JsonNode settings = YAML.readTree(shippedText());
    try {
      JsonNode own = YAML.readTree(Files.readString(file, StandardCharsets.UTF_8));
      if (own instanceof ObjectNode changes) {
        merge((ObjectNode) settings, changes);
      } else if (!own.isMissingNode() && !own.isNull()) {
        throw invalid(file, "the file is not a map of settings", "start from `key: value` lines");
      }
    } catch (JacksonException e) {
      throw invalid(
          file, "not valid YAML: " + firstLine(e.getOriginalMessage()), "mend " + where(e));
    }
    completeProfiles((ObjectNode) settings);
    check(file, (ObjectNode) settings);
    return (ObjectNode) settings;
  }

  private static void check(Path file, ObjectNode settings) {
    try {
      Config unused = YAML.treeToValue(settings, Config.class);
    } catch (UnrecognizedPropertyException e) {
      throw invalid(
          file,
          "unknown key " + path(e),
          "known here: "
              + String.join(
                  ", ",
                  Objects.requireNonNull(e.getKnownPropertyIds()).stream()
                      .map(String::valueOf)
                      .sorted()
                      .toList()));
    } catch (DatabindException e) {
      throw refusal(file, e);
    }
  }

  /** What a profile leaves out is as in the shipped {@code sensor}. */
  private static void completeProfiles(ObjectNode settings) throws IOException {
    JsonNode sensor = YAML.readTree(shippedText()).path("profiles").path("sensor");
    if (settings.get("profiles") instanceof ObjectNode profiles) {
      for (Map.Entry<String, JsonNode> profile : profiles.properties()) {
        if (profile.getValue() instanceof ObjectNode own) {
          ObjectNode whole = (ObjectNode) sensor.deepCopy();
          merge(whole, own);
          profile.setValue(whole);
        }
      }
    }
  }

  /** A key that the file leaves out keeps its default; maps merge, everything else replaces. */
  private static void merge(ObjectNode into, ObjectNode changes) {
    Iterator<Map.Entry<String, JsonNode>> entries = changes.properties().iterator();
    while (entries.hasNext()) {
      Map.Entry<String, JsonNode> change = entries.next();
      if (into.get(change.getKey()) instanceof ObjectNode there
          && change.getValue() instanceof ObjectNode deeper) {
        merge(there, deeper);
      } else {
        into.set(change.getKey(), change.getValue());
      }
    }
  }

  private static RefusedException refusal(Path file, DatabindException e) {
    if (e.getCause() instanceof RefusedException refused) {
      return invalid(file, refused.detail(), refused.nextStep());
    }
    return invalid(
        file,
        path(e) + ": " + firstLine(e.getOriginalMessage()),
        "give a value of the kind the comment shows");
  }

  private static String path(DatabindException e) {
    StringBuilder path = new StringBuilder();
    e.getPath()
        .forEach(part -> path.append(path.isEmpty() ? "" : ".").append(part.getPropertyName()));
    return path.toString();
  }

  private static String where(JacksonException e) {
    return e.getLocation() == null ? "the file" : "line " + e.getLocation().getLineNr();
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }

  private static RefusedException invalid(Path file, String detail, String fix) {
    return new RefusedException(Reason.CONFIGURATION_INVALID, file + ": " + detail, fix);
  }
}
