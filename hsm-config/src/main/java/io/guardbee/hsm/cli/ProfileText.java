package io.guardbee.hsm.cli;

import io.guardbee.hsm.profile.Quirks;
import io.guardbee.hsm.profile.Recognition;
import io.guardbee.hsm.profile.Source;
import io.guardbee.hsm.profile.VendorProfile;
import io.guardbee.pki.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A vendor profile in words: each fact, then where it comes from. */
final class ProfileText {

  private final VendorProfile profile;
  private final StringBuilder text = new StringBuilder();

  private ProfileText(VendorProfile profile) {
    this.profile = profile;
  }

  /** Name, whether the module is on this machine, title. */
  static String line(VendorProfile profile) {
    return String.format(
        "%-16s %-14s %s",
        profile.name(),
        installed(profile).isPresent() ? "installed" : "not installed",
        profile.title());
  }

  private static Optional<String> installed(VendorProfile profile) {
    return profile.modulePaths().stream()
        .filter(path -> Files.isRegularFile(Path.of(path)))
        .findFirst();
  }

  /** The whole profile. */
  static String of(VendorProfile profile) {
    ProfileText explained = new ProfileText(profile);
    explained.row("name", profile.name());
    explained.row("title", profile.title());
    explained.row("from", profile.origin());
    explained.row("installed", installed(profile).orElse("no"));
    explained.rows("module at", profile.modulePaths());
    explained.rows(
        "recognised", profile.recognise().stream().map(ProfileText::recognition).toList());
    explained.mechanisms();
    explained.quirks(profile.quirks());
    new TreeMap<>(profile.environment())
        .forEach((name, use) -> explained.row("environment", name + ": " + use));
    explained.sources(new TreeMap<>(profile.sources()));
    return explained.text.toString();
  }

  private static String recognition(Recognition recognition) {
    return "library "
        + Quoted.of(recognition.libraryManufacturer())
        + " / "
        + Quoted.of(recognition.libraryDescription())
        + ", token "
        + Quoted.of(recognition.tokenManufacturer())
        + " / "
        + Quoted.of(recognition.tokenModel());
  }

  private void mechanisms() {
    new TreeMap<>(profile.mechanisms().prefer())
        .forEach((algorithm, names) -> row("prefer", algorithm + ": " + String.join(", ", names)));
    row("avoid", joined(profile.avoid()));
  }

  private void quirks(Quirks quirks) {
    row("EC point", word(quirks.ecPoint()));
    row(
        "sessions",
        quirks.maxSessions().isPresent()
            ? "at most " + quirks.maxSessions().getAsInt()
            : "as many as the token says");
    row(
        "handles live",
        quirks.handleLife().isPresent()
            ? "as long as the " + word(quirks.handleLife())
            : "not known: a session is taken for it");
    row("left out", joined(quirks.omit()));
    row("session keys", yesOrNo(quirks.sessionObjects()));
    row("certificates", yesOrNo(quirks.certificateObjects()));
    row("pin", quirks.login().pin().orElse("not known"));
    row("own pin pad", yesOrNo(quirks.login().protectedPath()));
    row("recovery", quirks.recovery().orElse("not known"));
  }

  private void sources(Map<String, List<Source>> sources) {
    text.append(String.format("%nsources%n"));
    sources.forEach(
        (fact, all) ->
            all.forEach(
                source -> {
                  text.append(String.format("  %-18s %s%n", fact, source.says()));
                  text.append(String.format("  %-18s %s%n", "", source.from()));
                }));
  }

  private static String joined(Collection<String> names) {
    return names.isEmpty() ? "nothing" : String.join(", ", names);
  }

  private static <E extends Enum<E>> String word(Optional<E> value) {
    return value.map(known -> known.name().toLowerCase(Locale.ROOT)).orElse("not known");
  }

  private static String yesOrNo(Optional<Boolean> value) {
    return value.map(known -> known ? "yes" : "no").orElse("not known: tried");
  }

  private void rows(String name, List<String> values) {
    values.forEach(value -> row(name, value));
  }

  private void row(String name, String value) {
    text.append(String.format("%-13s %s%n", name, value));
  }
}
