package io.guardbee.service.serverkey;

import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES keys that the service shares with devices, one a file: its name is the key's identifier in
 * hexadecimal, its content the key, likewise. They are looked up at each request.
 */
final class SharedKeys {

  private static final Set<Integer> LENGTHS = Set.of(16, 24, 32);
  private static final int LONGEST_IDENTIFIER = 64;
  private static final Set<PosixFilePermission> OTHERS =
      Set.of(
          PosixFilePermission.GROUP_READ,
          PosixFilePermission.GROUP_WRITE,
          PosixFilePermission.OTHERS_READ,
          PosixFilePermission.OTHERS_WRITE);

  private final Path directory;

  SharedKeys(Path directory) {
    this.directory = directory;
  }

  /**
   * The key with that identifier.
   *
   * @throws RefusedException {@link Reason#DECRYPT_KEY_UNUSABLE} when there is none, {@link
   *     Reason#CONFIGURATION_INVALID} when the file is no key or others may read it
   */
  SecretKey named(byte[] identifier) {
    String name = HexFormat.of().formatHex(identifier); // nothing that leads elsewhere
    Path file = directory.resolve(name);
    if (identifier.length == 0
        || identifier.length > LONGEST_IDENTIFIER
        || !Files.isRegularFile(file)) {
      throw Recipients.unusable(
          "the request names the shared key " + name + ", unknown here",
          "have the operator put it into device-keys/" + name + " of the home, in hexadecimal");
    }
    try {
      if (Files.getPosixFilePermissions(file).stream().anyMatch(OTHERS::contains)) {
        throw invalid(file, "chmod 600 it");
      }
      byte[] key = HexFormat.of().parseHex(Files.readString(file).strip());
      if (!LENGTHS.contains(key.length)) {
        throw invalid(file, "write 32, 48 or 64 hexadecimal digits: openssl rand -hex 32");
      }
      return new SecretKeySpec(key, "AES");
    } catch (IOException | IllegalArgumentException e) {
      throw invalid(file, "write 32, 48 or 64 hexadecimal digits: openssl rand -hex 32");
    }
  }

  private static RefusedException invalid(Path file, String fix) {
    return new RefusedException(
        Reason.CONFIGURATION_INVALID,
        "device-keys/" + file.getFileName() + " cannot be used as a key",
        "operator: " + fix);
  }
}
