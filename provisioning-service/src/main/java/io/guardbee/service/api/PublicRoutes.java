package io.guardbee.service.api;

import io.guardbee.hsm.session.TokenHealth;
import io.guardbee.pki.Identity;
import io.guardbee.pki.Pem;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.authority.Authorities;
import io.guardbee.service.authority.RootListState;
import io.guardbee.service.feed.EventLog;
import io.guardbee.service.feed.FeedMessage;
import io.guardbee.service.http.Caller;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.store.StorageHealth;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** What anybody may read, over plain HTTP too: readiness and the authorities' certificates. */
public final class PublicRoutes implements HttpServer.Routes {

  private static final int READY = 200;
  private static final int NOT_READY = 503;

  private final Authorities authorities;
  private final EventLog log;
  private final Callers callers;
  private final Supplier<TokenHealth> module;
  private final Supplier<StorageHealth> storage;
  private final Supplier<RootListState> rootList;
  private final Supplier<List<FeedMessage.Window>> windows;
  private final JsonMapper json;

  /** What readiness depends on. */
  public record Parts(
      Authorities authorities,
      EventLog log,
      Supplier<TokenHealth> module,
      Supplier<StorageHealth> storage,
      Supplier<RootListState> rootList,
      Supplier<List<FeedMessage.Window>> windows) {}

  public PublicRoutes(Parts parts, Callers callers, JsonMapper json) {
    this.authorities = parts.authorities();
    this.log = parts.log();
    this.module = parts.module();
    this.storage = parts.storage();
    this.rootList = parts.rootList();
    this.windows = parts.windows();
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/readyz", this::ready);
    routes.get("/ca/root.pem", context -> pem(context, List.of(authorities.root())));
    routes.get("/ca/issuing.pem", context -> pem(context, authorities.believed(Identity.ISSUING)));
  }

  /**
   * Whether this replica can issue, and how its module, its database and the root's list are.
   *
   * @param restoreWindows times of which the records are lost
   */
  private record Readiness(
      boolean ready,
      long event,
      Module module,
      Storage storage,
      RootCrl rootCrl,
      List<FeedMessage.Window> restoreWindows) {}

  private record Storage(boolean ready, Instant since, String detail) {}

  /**
   * @param next the command to run; null when nothing is to be done
   */
  private record RootCrl(String state, @Nullable Instant endsAt, @Nullable String next) {
    static RootCrl of(RootListState list) {
      boolean good = list.need() == RootListState.Need.NONE;
      return new RootCrl(
          good ? "good" : list.need().toString(), list.endsAt(), good ? null : "guardbee ca crl");
    }
  }

  private record Module(String state, Instant since, String detail) {}

  /** Asks the database and the module; only operators are told more than one word. */
  private void ready(Context context) {
    if (isOperator(context)) {
      TokenHealth health = module.get();
      StorageHealth stored = storage.get();
      boolean ready = health.isReady() && stored.isReady();
      Readiness readiness =
          new Readiness(
              ready,
              log.lastEvent(),
              new Module(health.state().toString(), health.since(), health.detail()),
              new Storage(stored.isReady(), stored.since(), stored.detail()),
              RootCrl.of(rootList.get()),
              windows.get());
      context.contentType("application/json").result(json.writeValueAsString(readiness) + "\n");
      context.status(ready ? READY : NOT_READY);
    } else {
      boolean ready = isReady();
      context.contentType("text/plain").result(ready ? "ready\n" : "unavailable\n");
      context.status(ready ? READY : NOT_READY);
    }
  }

  /** A certificate that is not good makes its holder one of the strangers, who are not refused. */
  private boolean isOperator(Context context) {
    try {
      return callers.identify(context) instanceof Caller.Operator;
    } catch (RefusedException e) {
      return false;
    }
  }

  private boolean isReady() {
    try {
      return storage.get().isReady() && log.lastEvent() >= 0 && module.get().isReady();
    } catch (RefusedException e) {
      return false; // the database: which failure it is, its log says
    }
  }

  private static void pem(Context context, List<X509Certificate> certificates) {
    context.contentType("application/x-pem-file").result(Pem.certificates(certificates));
  }
}
