package io.guardbee.hsm.cli;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;

/** Where a PIN waits: a file of its owner's alone. */
final class PinFile {

  private static final Set<PosixFilePermission> OWNER =
      EnumSet.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  private PinFile() {}

  static void require(Path file) throws IOException {
    if (!Files.isRegularFile(file)) {
      throw new RefusedException(
          Reason.PIN_WRONG,
          "PIN file " + Quoted.of(file.toString()) + " is not there",
          "make it: (umask 077; openssl rand -base64 18 > " + file + ")");
    }
    if (!OWNER.containsAll(Files.getPosixFilePermissions(file))) {
      throw new RefusedException(
          Reason.PIN_WRONG,
          "PIN file " + Quoted.of(file.toString()) + " can be used by others than its owner",
          "run: chmod 600 " + file + "; if others may have read it, choose another PIN");
    }
  }
}
