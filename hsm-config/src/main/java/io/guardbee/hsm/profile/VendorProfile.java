package io.guardbee.hsm.profile;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What is known of one vendor's module. Immutable.
 *
 * @param name how the profile is called: its file without {@code .yaml}
 * @param title the product's name, for people
 * @param modulePaths where the library usually lies
 * @param recognise the identities that it is for: any of these
 * @param mechanisms which to prefer and which to avoid
 * @param quirks where the module differs from others
 * @param environment variables that the module's native code reads, and what each is for
 * @param notes what else people should know
 * @param sources the key of a fact, and where that comes from
 * @param origin the file that it was read from, for messages
 */
public record VendorProfile(
    String name,
    String title,
    List<String> modulePaths,
    List<Recognition> recognise,
    Mechanisms mechanisms,
    Quirks quirks,
    Map<String, String> environment,
    List<String> notes,
    Map<String, List<Source>> sources,
    String origin) {

  private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");
  private static final int FEW_SESSIONS = 4; // what the smallest tokens can spare

  public VendorProfile {
    if (!NAME.matcher(name).matches()) {
      throw Fields.invalid(
          "name: is not made of a-z, 0-9 and - (at most 40)", "name it as its file is named");
    }
    modulePaths = List.copyOf(modulePaths);
    recognise = List.copyOf(recognise);
    environment = Names.ordered(environment);
    notes = List.copyOf(notes);
    sources = Names.ordered(sources);
  }

  /**
   * For a module that no profile knows: nothing preferred, few sessions, keys found again in each
   * session.
   */
  public static VendorProfile conservative() {
    Quirks unknown = Quirks.unknown();
    return new VendorProfile(
        "conservative",
        "a module without a profile",
        List.of(),
        List.of(),
        Mechanisms.ANY,
        new Quirks(
            unknown.ecPoint(),
            OptionalInt.of(FEW_SESSIONS),
            unknown.handleLife(),
            unknown.omit(),
            unknown.refuse(),
            unknown.sessionObjects(),
            unknown.certificateObjects(),
            unknown.login(),
            unknown.recovery()),
        Map.of(),
        List.of(),
        Map.of(),
        "built in");
  }

  boolean matches(ModuleIdentity identity) {
    return recognise.stream().anyMatch(recognition -> recognition.matches(identity));
  }

  /**
   * Mechanism names for that algorithm, best first; empty means no preference.
   *
   * @param algorithm one of {@link Mechanisms#ALGORITHMS}
   */
  public List<String> prefer(String algorithm) {
    return mechanisms.preferred(algorithm);
  }

  /** Mechanism names not to use although the module lists them. */
  public Set<String> avoid() {
    return mechanisms.avoid();
  }

  /** Mechanism names that work although the module does not list them. */
  public Set<String> unlisted() {
    return mechanisms.unlisted();
  }

  /**
   * Why keys of that kind must not be made; empty means they may.
   *
   * @param keyType one of {@link Quirks#KEY_TYPES}
   */
  public Optional<String> refusal(String keyType) {
    return Optional.ofNullable(quirks.refuse().get(keyType));
  }

  /** The most sessions to open; empty means as many as the token says. */
  public OptionalInt maxSessions() {
    return quirks.maxSessions();
  }

  /** How long handles last; a session where that is not known. */
  public HandleLife handleLife() {
    return quirks.handleLife().orElse(HandleLife.SESSION);
  }

  /** How points are written; {@link EcPoint#EITHER} where that is not known. */
  public EcPoint ecPoint() {
    return quirks.ecPoint().orElse(EcPoint.EITHER);
  }

  /** CKA_ names that must not stand in a template for key generation. */
  public Set<String> omit() {
    return quirks.omit();
  }

  /** Whether key pairs can be session objects; empty means try. */
  public Optional<Boolean> sessionObjects() {
    return quirks.sessionObjects();
  }

  /** Whether certificates can be stored; empty means try. */
  public Optional<Boolean> certificateObjects() {
    return quirks.certificateObjects();
  }
}
