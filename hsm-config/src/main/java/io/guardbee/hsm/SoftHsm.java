package io.guardbee.hsm;

import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.cryptoki.CryptokiException;
import io.guardbee.hsm.cryptoki.TokenInfo;
import io.guardbee.hsm.session.Library;
import io.guardbee.hsm.session.ModuleFile;
import io.guardbee.hsm.session.NewToken;
import io.guardbee.hsm.session.Pin;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * SoftHSM for those who have no module: one directory with its configuration, one token and the
 * PIN. Tokens of other labels may stand beside it, a root's for example: they are left alone.
 *
 * <p>A token that was not finished is known by the file {@code .unfinished} and made anew; since
 * {@link #prepare} has not returned, no key can be in it.
 */
public final class SoftHsm {

  static final String VARIABLE = "SOFTHSM2_CONF";

  private static final int PIN_OCTETS = 24;
  private static final int SMALLEST_TOKEN_OBJECT = 64; // one that was begun and no more
  private static final int LONGEST_PATH = 900; // SoftHSM reads lines of at most 1023 octets
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final Object ONE_AT_A_TIME = new Object(); // a file lock does not part threads

  private final Path directory;
  private final Path tokens;
  private final Path pin;
  private final Path unfinished;
  private final String label;

  private SoftHsm(Path directory, String label) {
    this.directory = directory;
    this.label = label;
    this.tokens = directory.resolve("tokens");
    this.pin = directory.resolve("pin");
    this.unfinished = directory.resolve(".unfinished");
  }

  /**
   * Makes {@code softhsm2.conf}, {@code tokens/}, {@code pin} (mode 0600) and the token in the
   * directory, or finds them there. Threads and processes may call it at the same time, and a call
   * that was killed at any moment is made good by the next.
   *
   * @param tokenLabel 1 to 32 ASCII characters; the directory holds one token of that label
   * @return the URI that {@link Token#open} takes
   * @throws RefusedException {@link Reason#CONFIGURATION_INVALID} when the environment variable
   *     SOFTHSM2_CONF does not name this directory's configuration: native code reads it, so it
   *     must be set before Java starts
   */
  public static Pkcs11Uri prepare(Path directory, String tokenLabel) {
    return prepare(directory, tokenLabel, System.getenv(VARIABLE));
  }

  static Pkcs11Uri prepare(Path directory, String tokenLabel, @Nullable String environment) {
    Path absolute = directory.toAbsolutePath().normalize();
    requireUsable(absolute, tokenLabel);
    requireEnvironment(absolute.resolve("softhsm2.conf"), environment);
    SoftHsm softHsm = new SoftHsm(absolute, tokenLabel);
    Path module = ModuleFile.find(Pkcs11Uri.ofToken(tokenLabel));
    synchronized (ONE_AT_A_TIME) {
      try {
        softHsm.prepareLocked(module);
      } catch (IOException e) {
        throw new RefusedException(
            Reason.STORAGE_FAILED,
            Quoted.of(absolute.toString()) + ": " + e,
            "make the directory writable for this user and check that the disk has room");
      }
    }
    return Pkcs11Uri.ofToken(tokenLabel).withModulePath(module).withPinSource(softHsm.pin);
  }

  private static void requireUsable(Path directory, String label) {
    String path = directory.toString();
    // SoftHSM's configuration knows no quoting: # begins a comment, = ends a value
    if (path.matches("(?s).*[#=\\p{Cntrl}].*")
        || !path.equals(path.strip())
        || path.length() > LONGEST_PATH) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "directory " + Quoted.of(path) + " cannot stand in SoftHSM's configuration",
          "choose a path of at most 900 characters without # and =");
    }
    if (!label.matches("[ -~]{1,32}") || !label.equals(label.strip())) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "token label " + Quoted.of(label) + " is not 1 to 32 ASCII characters",
          "choose a shorter label of letters, digits and hyphens");
    }
  }

  private static void requireEnvironment(Path configuration, @Nullable String environment) {
    if (environment == null
        || !Path.of(environment).toAbsolutePath().normalize().equals(configuration)) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "environment variable "
              + VARIABLE
              + (environment == null ? " is not set" : " is " + Quoted.of(environment))
              + ", so SoftHSM would not look into "
              + Quoted.of(configuration.toString()),
          "use the launcher ./guardbee, or before Java starts: export "
              + VARIABLE
              + "='"
              + configuration.toString().replace("'", "'\\''")
              + "'");
    }
  }

  private void prepareLocked(Path module) throws IOException {
    SafeFiles.directory(directory);
    try (FileChannel channel =
        FileChannel.open(
            directory.resolve(".lock"),
            Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE),
            OWNER_ONLY)) {
      channel.lock(); // until the channel closes
      SafeFiles.directory(tokens);
      writeConfiguration();
      if (Files.exists(unfinished)) {
        deleteOwn();
        SafeFiles.delete(pin);
      }
      boolean first = !Files.exists(pin) && own().isEmpty();
      if (first || Files.exists(unfinished)) {
        make(Library.load(module));
      } else {
        requireWhole(Library.load(module));
      }
    }
  }

  /** The folders in {@code tokens/} but those that hold a token of another label. */
  private List<Path> own() throws IOException {
    List<Path> own = new ArrayList<>();
    try (Stream<Path> children = Files.list(tokens)) {
      for (Path child : children.toList()) {
        if (!isNeighbour(child)) {
          own.add(child);
        }
      }
    }
    return own;
  }

  private boolean isNeighbour(Path folder) throws IOException {
    Path object = folder.resolve("token.object");
    if (!Files.exists(object) || Files.size(object) < SMALLEST_TOKEN_OBJECT) {
      return false;
    }
    // CKA_OS_TOKENLABEL stands there as text, padded to 32 octets (PKCS#11, CK_TOKEN_INFO)
    String content = new String(Files.readAllBytes(object), StandardCharsets.ISO_8859_1);
    return !content.contains(String.format("%-32s", label));
  }

  /** Before the library is loaded: it would remember a token whose files go. */
  private void deleteOwn() throws IOException {
    for (Path folder : own()) {
      if (Files.isDirectory(folder)) {
        SafeFiles.deleteContents(folder);
      }
      SafeFiles.delete(folder);
    }
  }

  private void writeConfiguration() throws IOException {
    String wanted =
        """
        # Written by Guardbee, again whenever it differs from this.
        directories.tokendir = %s
        objectstore.backend = file
        log.level = ERROR
        slots.removable = false
        """
            .formatted(tokens);
    Path configuration = directory.resolve("softhsm2.conf");
    if (!Files.exists(configuration) || !Files.readString(configuration).equals(wanted)) {
      SafeFiles.writeSecret(configuration, wanted);
    }
  }

  private void make(Library library) throws IOException {
    SafeFiles.writeSecret(unfinished, "");
    SecureRandom random = new SecureRandom();
    SafeFiles.writeSecret(pin, secret(random) + "\n");
    TokenInfo blank =
        library.tokens().stream()
            .filter(token -> !token.isInitialized())
            .findFirst()
            .orElseThrow(() -> damaged("offers no slot for a new token"));
    // nobody needs the security officer after this: a token that cannot be opened is made anew
    char[] securityOfficerPin = secret(random).toCharArray();
    try (Pin user = Pin.read(pin)) {
      NewToken.make(library, blank.slot(), securityOfficerPin, label, user);
    } catch (CryptokiException e) {
      throw e.refused(directory.toString());
    }
    SafeFiles.syncAll(tokens); // SoftHSM leaves its files to the system's leisure
    SafeFiles.delete(unfinished);
  }

  /**
   * Never a second token in place of a lost one: the keys in it are gone and somebody must know.
   */
  private void requireWhole(Library library) {
    if (!Files.exists(pin)) {
      throw damaged("holds a token but no file pin");
    }
    List<TokenInfo> found = library.tokens().stream().filter(TokenInfo::isInitialized).toList();
    long ours = found.stream().filter(token -> token.label().equals(label)).count();
    if (ours != 1) {
      String others =
          found.stream()
              .map(token -> "token " + Quoted.of(token.label()))
              .collect(Collectors.joining(", "));
      throw damaged(
          "holds "
              + (others.isEmpty() ? "no token" : others)
              + " where "
              + Quoted.of(label)
              + " should be");
    }
  }

  private RefusedException damaged(String what) {
    return new RefusedException(
        Reason.KEY_MISSING,
        "directory " + Quoted.of(directory.toString()) + " " + what,
        "restore it from a backup; or, if no key in it matters, move it away and start again");
  }

  private static String secret(SecureRandom random) {
    byte[] octets = new byte[PIN_OCTETS];
    random.nextBytes(octets);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(octets);
  }
}
