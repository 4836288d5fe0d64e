package io.guardbee.hsm.profile;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Profiles as text for a terminal. */
public final class ProfilePages {

  private static final String NONE = "-";

  private ProfilePages() {}

  /** One line per profile: its name, its title and where its module is on this machine, or -. */
  public static String list(List<VendorProfile> profiles) {
    return list(profiles, Files::isRegularFile);
  }

  static String list(List<VendorProfile> profiles, Predicate<Path> isThere) {
    int names = width(profiles.stream().map(VendorProfile::name).toList());
    int titles = width(profiles.stream().map(VendorProfile::title).toList());
    StringBuilder page = new StringBuilder();
    for (VendorProfile profile : profiles) {
      page.append(pad(profile.name(), names))
          .append("  ")
          .append(pad(profile.title(), titles))
          .append("  ")
          .append(installed(profile, isThere).orElse(NONE))
          .append('\n');
    }
    return page.toString();
  }

  /** The first of the usual places that holds the module. */
  public static Optional<String> installed(VendorProfile profile) {
    return installed(profile, Files::isRegularFile);
  }

  private static Optional<String> installed(VendorProfile profile, Predicate<Path> isThere) {
    return profile.modulePaths().stream().filter(path -> isThere.test(Path.of(path))).findFirst();
  }

  /** All that a profile states, each fact with its sources, and what it leaves open. */
  public static String explain(VendorProfile profile) {
    StringBuilder page = new StringBuilder();
    page.append(profile.name()).append(": ").append(profile.title()).append('\n');
    page.append("from ").append(profile.origin()).append('\n');
    Map<String, List<String>> facts = Facts.of(profile);
    facts.forEach(
        (key, values) -> {
          page.append('\n').append(key).append('\n');
          values.forEach(value -> page.append("  ").append(value).append('\n'));
          for (Source source : profile.sources().getOrDefault(key, List.of())) {
            page.append("    source: ").append(source.from()).append('\n');
            page.append("      ").append(source.says()).append('\n');
          }
        });
    List<String> open = Facts.KEYS.stream().filter(key -> !facts.containsKey(key)).toList();
    if (!open.isEmpty()) {
      page.append("\nnot known, so taken with care: ").append(String.join(", ", open)).append('\n');
    }
    return page.toString();
  }

  private static int width(List<String> texts) {
    return texts.stream().mapToInt(String::length).max().orElse(0);
  }

  private static String pad(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
