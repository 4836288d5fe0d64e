package io.guardbee.service.hsm;

import io.guardbee.hsm.SoftHsm;
import io.guardbee.hsm.cli.Dependent;
import io.guardbee.hsm.cli.Installation;
import io.guardbee.hsm.uri.Pkcs11Uri;
import io.guardbee.pki.Pem;
import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.CaToken;
import io.guardbee.service.config.Config;
import io.guardbee.service.config.ConfigFile;
import io.guardbee.service.config.Home;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A home as the commands on tokens see it. Makes nothing in it. */
final class HomeInstallation implements Installation {

  private static final String AGENT_LABEL = "guardbee-agent";

  @Override
  public Pkcs11Uri token(Path directory) throws IOException {
    Home home = new Home(directory);
    if (!Files.exists(home.config())) {
      throw none(directory, "guardbee up");
    }
    Config config = ConfigFile.load(home);
    if (config.hsm().uri().isBlank()) {
      requireToken(home.hsm(), "guardbee up");
    }
    return CaToken.uri(home, config);
  }

  @Override
  public Pkcs11Uri agentToken(Path home) throws IOException {
    Path directory = agent(home).resolve("hsm");
    requireToken(directory, "guardbee agent enroll");
    return SoftHsm.prepare(directory, AGENT_LABEL);
  }

  private static Path agent(Path home) {
    return home.resolve("agent");
  }

  private static void requireToken(Path directory, String maker) {
    if (!Files.exists(directory.resolve("pin"))) {
      throw none(directory, maker);
    }
  }

  private static RefusedException none(Path directory, String maker) {
    return new RefusedException(
        Reason.KEY_MISSING,
        "there is no token yet in " + Quoted.of(directory.toString()),
        "make it with: " + maker + "; or name another home with --home, or a token with --token");
  }

  @Override
  public List<Dependent> dependents(Path directory) throws IOException {
    List<Dependent> found = new ArrayList<>();
    Home home = new Home(directory);
    for (Path part :
        List.of(
            home.ca(),
            home.operator(),
            home.broker().resolve("conf"),
            home.broker().resolve("data/guardbee"),
            agent(directory).resolve("devices"))) {
      for (Path file : pems(part)) {
        for (X509Certificate certificate : Pem.readCertificates(file)) {
          found.add(new Dependent(file, certificate));
        }
      }
    }
    return found;
  }

  private static List<Path> pems(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(file -> file.toString().endsWith(".pem")).sorted().toList();
    }
  }
}
