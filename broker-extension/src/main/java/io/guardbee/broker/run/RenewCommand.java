package io.guardbee.broker.run;

import io.guardbee.broker.config.BrokerConfig;
import io.guardbee.broker.module.ModuleClasses;
import io.guardbee.broker.service.IdentityRenewal;
import io.guardbee.broker.service.NodeIdentity;
import io.guardbee.broker.service.ServiceClient;
import io.guardbee.cli.HomeOption;
import io.guardbee.operator.Endpoints;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.pki.Serial;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code guardbee broker renew}, on the broker's machine. */
@Command(
    name = "renew",
    mixinStandardHelpOptions = true,
    description = {
      "Replaces this broker's key and certificate towards the service, by the certificate that is",
      "good now. A running broker takes them over without a restart. A broker does this by itself in",
      "the last third of its certificate's life. The certificate before stays good for 14 days.",
      "",
      "A key in a PKCS#11 token stays, and has a new certificate."
    },
    footer = {
      "",
      "Examples:",
      "  guardbee broker renew",
      "  guardbee broker renew --extension /opt/hivemq/extensions/guardbee",
      "  guardbee broker renew --home /var/lib/guardbee --service https://pki-1:8443",
      "  guardbee broker renew --key 'pkcs11:token=broker;object=node?pin-source=file:/etc/pin'"
    })
final class RenewCommand implements Callable<Integer> {

  @Option(
      names = "--extension",
      paramLabel = "FOLDER",
      description = "Folder of the extension in another HiveMQ (default: the one in the home).")
  private @Nullable Path extension;

  @Option(
      names = "--service",
      paramLabel = "URL",
      description = "The provisioning service; may be repeated (default: as configured).")
  private List<URI> services = List.of();

  @Option(
      names = "--key",
      paramLabel = "URI",
      description = {
        "PKCS#11 URI: the next key is in that token, made there when it is missing, and the file of",
        "the present one is deleted."
      })
  private @Nullable String key;

  @Mixin private HomeOption home = new HomeOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder =
        extension == null ? home.directory().resolve("broker/extensions/guardbee") : extension;
    BrokerConfig config = BrokerConfig.read(folder, overrides());
    ExecutorService threads = Executors.newCachedThreadPool();
    try (ModuleClasses module = new ModuleClasses(folder.resolve("pkcs11"))) {
      NodeIdentity identity = new NodeIdentity(config, module);
      ServiceClient service = ServiceClient.of(config, identity, threads);
      IdentityRenewal renewal = new IdentityRenewal(service, identity, Clock.systemUTC(), threads);
      X509Certificate next = key == null ? renewal.renew() : renewal.renewIn(key);
      spec.commandLine().getOut().println("serial    " + Serial.of(next));
      spec.commandLine().getOut().println("until     " + next.getNotAfter().toInstant());
      return 0;
    } catch (GeneralSecurityException e) {
      throw new RefusedException(
          Reason.CONFIGURATION_INVALID, "the new key does not sign: " + e, "try again");
    } finally {
      threads.shutdownNow();
    }
  }

  /** In a home that is in use, the addresses that its service has taken. */
  private Properties overrides() throws IOException {
    Properties overrides = new Properties();
    boolean inUse = Files.exists(home.directory().resolve("run/endpoints.json"));
    if (!services.isEmpty()) {
      overrides.setProperty(
          "guardbee.service",
          services.stream().map(URI::toString).collect(Collectors.joining(",")));
    } else if (extension == null && inUse) {
      overrides.setProperty("guardbee.service", Endpoints.read(home.directory()).https());
    }
    return overrides;
  }
}
