package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a profile's text. */
final class ProfileFile {

  // a tree and no beans: each command that opens a token waits for this
  private static final YAMLMapper YAML =
      YAMLMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ProfileFile() {}

  /**
   * The profile in that text.
   *
   * @param name what it must be called, since its file is
   * @throws RefusedException naming origin, key and fix
   */
  static VendorProfile parse(String name, String text, String origin) {
    try {
      return profile(name, Fields.of(YAML.readTree(text), ""), origin);
    } catch (JacksonException e) {
      String line = e.getLocation() == null ? "" : " in line " + e.getLocation().getLineNr();
      throw Fields.invalid(
          origin + ": not valid YAML" + line + ": " + firstLine(e.getOriginalMessage()),
          "mend the file, or take it away");
    } catch (RefusedException e) {
      throw Fields.invalid(origin + ": " + e.detail(), e.nextStep());
    }
  }

  private static VendorProfile profile(String name, Fields file, String origin) {
    if (!file.text("name").equals(name)) {
      throw Fields.invalid(
          "name: is not that of the file", "write name: " + name + ", or rename the file");
    }
    VendorProfile profile =
        new VendorProfile(
            name,
            file.text("title"),
            file.texts("modulePaths"),
            recognise(file),
            new Mechanisms(
                prefer(file),
                Names.ordered(file.texts("avoid")),
                Names.ordered(file.texts("unlisted"))),
            file.map("quirks").map(ProfileFile::quirks).orElseGet(Quirks::unknown),
            file.map("environment").map(ProfileFile::texts).orElse(Map.of()),
            file.texts("notes"),
            file.map("sources").map(ProfileFile::sources).orElse(Map.of()),
            origin);
    file.end();
    requireFacts(profile);
    return profile;
  }

  /** A source under a key that states nothing is a typing error, or what was forgotten. */
  private static void requireFacts(VendorProfile profile) {
    Set<String> stated = Facts.of(profile).keySet();
    for (String key : profile.sources().keySet()) {
      if (!stated.contains(key)) {
        throw Fields.invalid(
            "sources: " + Quoted.of(key) + " is no fact that this file states",
            "stated here: " + String.join(", ", stated));
      }
    }
  }

  private static List<Recognition> recognise(Fields file) {
    List<Recognition> alternatives = new ArrayList<>();
    for (Fields one : file.maps("recognise")) {
      Recognition recognition =
          new Recognition(
              pattern(one, "libraryManufacturer"),
              pattern(one, "libraryDescription"),
              pattern(one, "tokenManufacturer"),
              pattern(one, "tokenModel"));
      one.end();
      alternatives.add(recognition);
    }
    if (alternatives.isEmpty()) {
      throw Fields.invalid(
          "recognise: is missing",
          "add a list of what the module reports, such as - libraryManufacturer: Acme");
    }
    return alternatives;
  }

  private static String pattern(Fields recognition, String key) {
    return recognition.optionalText(key).orElse(Recognition.ANYTHING);
  }

  private static Map<String, List<String>> prefer(Fields file) {
    Map<String, List<String>> prefer = new LinkedHashMap<>();
    Optional<Fields> map = file.map("prefer");
    if (map.isPresent()) {
      map.get().names().forEach(name -> prefer.put(name, map.get().texts(name)));
    }
    return prefer;
  }

  private static Quirks quirks(Fields map) {
    Quirks quirks =
        new Quirks(
            map.oneOf("ecPoint", EcPoint.class),
            map.number("maxSessions"),
            map.oneOf("handleLife", HandleLife.class),
            Names.ordered(map.texts("omit")),
            map.map("refuse").map(ProfileFile::texts).orElse(Map.of()),
            map.flag("sessionObjects"),
            map.flag("certificateObjects"),
            map.map("login").map(ProfileFile::login).orElse(LoginRules.UNKNOWN),
            map.optionalText("recovery"));
    map.end();
    return quirks;
  }

  private static LoginRules login(Fields map) {
    LoginRules rules = new LoginRules(map.optionalText("pin"), map.flag("protectedPath"));
    map.end();
    return rules;
  }

  private static Map<String, String> texts(Fields map) {
    Map<String, String> texts = new LinkedHashMap<>();
    map.names().forEach(name -> texts.put(name, map.text(name)));
    return texts;
  }

  private static Map<String, List<Source>> sources(Fields map) {
    Map<String, List<Source>> sources = new LinkedHashMap<>();
    for (String fact : map.names()) {
      List<Source> of = new ArrayList<>();
      for (Fields one : map.maps(fact)) {
        of.add(new Source(one.text("from"), one.text("says")));
        one.end();
      }
      sources.put(fact, List.copyOf(of));
    }
    return sources;
  }

  private static String firstLine(String message) {
    return message.lines().findFirst().orElse("");
  }
}
