package io.guardbee.hsm.profile;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The profiles that Guardbee brings and those of the user. Safe for many threads; read once per
 * process, when first asked for.
 */
public final class VendorProfiles {

  /** The environment variable that names a directory of the user's own {@code *.yaml}. */
  public static final String VARIABLE = "GUARDBEE_HSM_PROFILES";

  static final List<String> BUILT_IN =
      List.of(
          "cloudhsm",
          "luna",
          "nitrokey-hsm",
          "nshield",
          "softhsm2",
          "tpm2-pkcs11",
          "utimaco",
          "yubihsm2");

  private static final String SUFFIX = ".yaml";

  private static @Nullable VendorProfiles shared;

  private final List<VendorProfile> own;
  private final List<VendorProfile> builtIn;

  private VendorProfiles(List<VendorProfile> own, List<VendorProfile> builtIn) {
    this.own = own;
    this.builtIn = builtIn;
  }

  /**
   * The profile of the module that names itself so: the user's, else the built-in one, else {@link
   * VendorProfile#conservative}.
   *
   * @throws RefusedException {@link io.guardbee.pki.Reason#CONFIGURATION_INVALID} when a file of
   *     the user cannot be used, or two of them match
   */
  public static VendorProfile of(ModuleIdentity identity) {
    return shared().matching(identity);
  }

  /** Every profile, by name; the user's in place of a built-in one of that name. */
  public static List<VendorProfile> all() {
    return shared().list();
  }

  /**
   * The profile of that name.
   *
   * @throws RefusedException {@link io.guardbee.pki.Reason#CONFIGURATION_INVALID} with the known
   *     names when there is none
   */
  public static VendorProfile named(String name) {
    return all().stream()
        .filter(profile -> profile.name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                Fields.invalid(
                    "there is no profile " + Quoted.of(name),
                    "known here: "
                        + String.join(", ", all().stream().map(VendorProfile::name).toList())));
  }

  private static synchronized VendorProfiles shared() {
    if (shared == null) {
      shared = load(System.getenv(VARIABLE));
    }
    return shared;
  }

  /**
   * @param directory what {@link #VARIABLE} says; null or blank means none
   */
  static VendorProfiles load(@Nullable String directory) {
    List<VendorProfile> own =
        directory == null || directory.isBlank() ? List.of() : read(Path.of(directory));
    List<String> replaced = own.stream().map(VendorProfile::name).toList();
    return new VendorProfiles(
        own,
        BUILT_IN.stream()
            .filter(name -> !replaced.contains(name))
            .map(VendorProfiles::builtIn)
            .toList());
  }

  VendorProfile matching(ModuleIdentity identity) {
    List<VendorProfile> found = own.stream().filter(p -> p.matches(identity)).toList();
    if (found.isEmpty()) {
      found = builtIn.stream().filter(p -> p.matches(identity)).toList();
    }
    if (found.size() > 1) {
      throw Fields.invalid(
          found.get(0).origin() + " and " + found.get(1).origin() + " recognise the same module",
          "narrow one's recognise, or take one away");
    }
    return found.isEmpty() ? VendorProfile.conservative() : found.get(0);
  }

  List<VendorProfile> list() {
    return Stream.concat(own.stream(), builtIn.stream())
        .sorted(Comparator.comparing(VendorProfile::name))
        .toList();
  }

  private static VendorProfile builtIn(String name) {
    try (InputStream in =
        Objects.requireNonNull(VendorProfiles.class.getResourceAsStream(name + SUFFIX))) {
      return ProfileFile.parse(
          name, new String(in.readAllBytes(), StandardCharsets.UTF_8), "built-in " + name + SUFFIX);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<VendorProfile> read(Path directory) {
    List<VendorProfile> profiles = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        String name = String.valueOf(file.getFileName());
        if (name.endsWith(".yml")) {
          throw Fields.invalid(file + ": would not be read", "rename it to end in " + SUFFIX);
        }
        if (name.endsWith(SUFFIX)) {
          profiles.add(read(file, name.substring(0, name.length() - SUFFIX.length())));
        }
      }
    } catch (IOException e) {
      throw Fields.invalid(
          VARIABLE + " names " + Quoted.of(directory.toString()) + ", which cannot be listed: " + e,
          "name a directory of *.yaml that this user may read, or unset it");
    }
    return profiles;
  }

  private static VendorProfile read(Path file, String name) {
    try {
      return ProfileFile.parse(name, Files.readString(file), file.toString());
    } catch (IOException e) {
      throw Fields.invalid(
          file + ": cannot be read: " + e, "make it a UTF-8 file that this user may read");
    }
  }
}
