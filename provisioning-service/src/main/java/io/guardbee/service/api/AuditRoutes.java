package io.guardbee.service.api;

import io.guardbee.pki.Quoted;
import io.guardbee.pki.Reason;
import io.guardbee.pki.RefusedException;
import io.guardbee.service.audit.Actor;
import io.guardbee.service.audit.Audit;
import io.guardbee.service.audit.SignedHead;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.RequestMethods;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** The audit log, for operators; and refusals on their way into it. */
public final class AuditRoutes implements HttpServer.Routes {

  private static final int LARGEST_PAGE = 1000;

  private final Audit audit;
  private final Callers callers;
  private final JsonMapper json;

  public AuditRoutes(Audit audit, Callers callers, JsonMapper json) {
    this.audit = audit;
    this.callers = callers;
    this.json = json;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/audit", this::entries);
    routes.get("/v1/audit/head", this::head);
    routes.after(this::recordRefusal);
  }

  /** NDJSON: the lines as they were hashed, octet for octet. */
  private void entries(Context context) {
    callers.requireOperator(context);
    long after = number("after", context.queryParam("after"), 0, Long.MAX_VALUE);
    int limit = (int) number("limit", context.queryParam("limit"), LARGEST_PAGE, LARGEST_PAGE);
    List<String> lines = audit.after(after, limit);
    StringBuilder answer = new StringBuilder();
    lines.forEach(line -> answer.append(line).append('\n'));
    context.contentType("application/x-ndjson").result(answer.toString());
  }

  private static long number(String name, @Nullable String text, long absent, long most) {
    if (text == null) {
      return absent;
    }
    if (!text.matches("[0-9]{1,18}") || Long.parseLong(text) > most) {
      throw new RefusedException(
          Reason.REQUEST_MALFORMED,
          name + " " + Quoted.of(text) + " does not do",
          "give a number from 0 to " + most);
    }
    return Long.parseLong(text);
  }

  private record Answer(@Nullable SignedHead head, long waiting) {}

  private void head(Context context) {
    callers.requireOperator(context);
    Audit.State state = audit.state();
    context
        .contentType("application/json")
        .result(json.writeValueAsBytes(new Answer(state.head().orElse(null), state.waiting())));
  }

  private void recordRefusal(Context context) {
    if (context.attribute(HttpServer.REFUSED) instanceof RefusedException refused) {
      audit.refused(
          refused,
          new Audit.Refused(
              Actor.caller(claimed(context)),
              RequestMethods.sent(context) + " " + Quoted.line(context.path()),
              context.ip()));
    }
  }

  /** The user of HTTP Basic, else the name in the certificate that was shown, good or not. */
  private static String claimed(Context context) {
    String header = context.header("Authorization");
    if (header != null && header.toLowerCase(Locale.ROOT).startsWith("basic ")) {
      try {
        byte[] octets = Base64.getDecoder().decode(header.substring("basic ".length()).strip());
        return Quoted.line(new String(octets, StandardCharsets.UTF_8).split(":", 2)[0]);
      } catch (IllegalArgumentException e) {
        return ""; // not base64: it names nobody
      }
    }
    return context.req().getAttribute(Callers.PEER_CERTIFICATES) instanceof X509Certificate[] chain
            && chain.length > 0
        ? Quoted.line(chain[0].getSubjectX500Principal().getName())
        : "";
  }
}
