package io.guardbee.service.cli;

import io.guardbee.cli.HomeOption;
import io.guardbee.files.SafeFiles;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Fingerprint;
import io.guardbee.pki.Serial;
import io.guardbee.service.authority.CaToken;
import io.guardbee.service.authority.Publication;
import io.guardbee.service.ceremony.CaReport;
import io.guardbee.service.ceremony.Ceremonies;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What every ceremony needs to know: the home, and where the root's key is. */
final class CeremonyOptions {

  @Option(
      names = "--root",
      paramLabel = "URI",
      description =
          "the root's token, as pkcs11:token=…?module-path=…&pin-source=file:…; its PIN comes from"
              + " that file (default: the token of the other CA keys)")
  private @Nullable String root;

  @Mixin private HomeOption home;

  /** A home that is made if it is not there. */
  Home home() throws IOException {
    Home here = new Home(home.directory());
    SafeFiles.directory(here.directory());
    return here;
  }

  static Config config(Home home) throws IOException {
    return ConfigFile.load(home);
  }

  static Ceremonies ceremonies(Home home) throws IOException {
    return new Ceremonies(
        home.ca(), Publication.lasting(config(home)), new SecureRandom(), Clock.systemUTC());
  }

  /** Of a home that need not be there: nothing is written. */
  static CaReport report(Home home) throws IOException {
    return new Ceremonies(home.ca(), Optional.empty(), new SecureRandom(), Clock.systemUTC())
        .report();
  }

  /** Whether the root has a token of its own. */
  boolean hasOwnToken() {
    return root != null;
  }

  /** The root's token, where it is not that of the others. */
  Pkcs11Uri root(Home home) throws IOException {
    // a token in the SoftHSM of the home may stand beside the embedded one: it must be set up first
    Pkcs11Uri others = CaToken.uri(home, config(home));
    return root == null ? others : Pkcs11Uri.parse(root);
  }

  static void print(PrintWriter out, Ceremonies.Outcome outcome) {
    for (X509Certificate certificate : outcome.certificates()) {
      out.println("subject      " + certificate.getSubjectX500Principal().getName());
      out.println("  serial       " + Serial.of(certificate));
      out.println("  until        " + certificate.getNotAfter().toInstant());
      out.println("  fingerprint  " + Fingerprint.of(certificate));
    }
    out.println(
        "record       " + outcome.record().map(Object::toString).orElse("was there before"));
  }
}
