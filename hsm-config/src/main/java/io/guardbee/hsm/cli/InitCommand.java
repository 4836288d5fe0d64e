package io.guardbee.hsm.cli;

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
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code guardbee hsm init}. */
@Command(
    name = "init",
    mixinStandardHelpOptions = true,
    description = {
      "Makes a token of a blank slot and prints its URI. Never erases one that is there.",
      "A token that was left without a user PIN, as by a cut-off init, is finished."
    },
    footer = {
      "",
      "Example:",
      "  (umask 077; openssl rand -base64 18 > so.pin; openssl rand -base64 18 > user.pin)",
      "  guardbee hsm init --label ca --so-pin-source so.pin --pin-source user.pin"
    })
final class InitCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Option(
      names = "--label",
      required = true,
      description = "the token's name, 1 to 32 ASCII characters")
  private String label;

  @Option(
      names = "--module",
      paramLabel = "FILE",
      description = "the PKCS#11 library (default: $GUARDBEE_PKCS11_MODULE, else SoftHSM)")
  private @Nullable Path module;

  @Option(
      names = "--slot",
      paramLabel = "N",
      description = "the slot (default: the only blank one)")
  private @Nullable Long slot;

  @Option(
      names = "--so-pin-source",
      required = true,
      paramLabel = "FILE",
      description = "the security officer's PIN, in a file that others cannot read")
  private Path officerPin;

  @Option(
      names = "--pin-source",
      required = true,
      paramLabel = "FILE",
      description = "the user's PIN, which Guardbee logs in with, in such a file too")
  private Path userPin;

  @Override
  public void run() {
    requireLabel();
    try {
      PinFile.require(officerPin);
      PinFile.require(userPin);
      Pkcs11Uri named = Pkcs11Uri.ofToken(label);
      Library library =
          Library.load(
              ModuleFile.find(module == null ? named : named.withModulePath(real(module))));
      TokenInfo target = new BlankSlot(library, label).find(slot);
      make(library, target);
      tell(library, named);
    } catch (IOException e) {
      throw new RefusedException(
          Reason.STORAGE_FAILED, e.toString(), "name files that are there and that you may read");
    }
  }

  private void requireLabel() {
    if (!label.matches("[ -~]{1,32}") || !label.equals(label.strip())) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID,
          "token label " + Quoted.of(label) + " is not 1 to 32 ASCII characters",
          "choose a short label of letters, digits and hyphens");
    }
  }

  private static Path real(Path file) {
    return file.toAbsolutePath().normalize();
  }

  private void make(Library library, TokenInfo target) {
    try (Pin officer = Pin.read(officerPin);
        Pin user = Pin.read(userPin)) {
      if (target.isInitialized()) {
        NewToken.finish(library, target.slot(), officer.characters(), user);
      } else {
        NewToken.make(library, target.slot(), officer.characters(), label, user);
      }
    } catch (CryptokiException e) {
      if (e.isPinRefused()) {
        throw new RefusedException(
            Reason.PIN_WRONG,
            "slot " + target.slot() + ": " + e.getMessage(),
            "give PINs of the length and characters that the module takes (guardbee hsm profiles"
                + " NAME), then run the same command again");
      }
      throw e.refused(label);
    }
  }

  private void tell(Library library, Pkcs11Uri named) {
    String uri = named.withModulePath(real(library.file())).withPinSource(real(userPin)).toString();
    spec.commandLine().getOut().println(uri);
    spec.commandLine()
        .getErr()
        .println(
            "token "
                + Quoted.of(label)
                + " is ready; keep the security officer's PIN apart from this machine\n"
                + "next: guardbee hsm check --token '"
                + uri
                + "', then in config.yaml:\nhsm:\n  uri: \""
                + uri
                + "\"");
  }
}
