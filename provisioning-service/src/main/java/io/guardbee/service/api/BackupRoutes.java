package io.guardbee.service.api;

import io.guardbee.service.backup.Backup;
import io.guardbee.service.http.Callers;
import io.guardbee.service.http.HttpServer;
import io.guardbee.service.http.RequestMethods;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A copy of what this service's home holds; for operators. */
public final class BackupRoutes implements HttpServer.Routes {

  private static final Logger LOG = LoggerFactory.getLogger(BackupRoutes.class);

  private final Backup backup;
  private final Callers callers;

  public BackupRoutes(Backup backup, Callers callers) {
    this.backup = backup;
    this.callers = callers;
  }

  @Override
  public void register(RoutesConfig routes) {
    routes.get("/v1/backup", this::send);
  }

  private void send(Context context) throws IOException {
    String operator = callers.requireOperator(context).name();
    context.contentType("application/zip");
    context.header("Guardbee-Database", backup.holdsDatabase() ? "included" : "elsewhere");
    if (RequestMethods.isHead(context)) {
      return; // no backup is made for its length (RFC 9110 §9.3.2)
    }
    Path file = backup.make();
    LOG.info("{} takes a backup of {} octets", operator, Files.size(file));
    context.header("Content-Length", String.valueOf(Files.size(file)));
    context.result(Files.newInputStream(file, StandardOpenOption.DELETE_ON_CLOSE));
  }
}
