package io.guardbee.bench.attack;

import io.guardbee.bench.attack.AttackBench.Plan;
import io.guardbee.bench.attack.Client.Noticed;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Requests that announce a body of 2,000 octets and send one, from four addresses. */
record BodiesAttack(Target target, Plan plan, Flood.Plan flood) {

  private static final List<String> OCSP =
      List.of("POST /ocsp HTTP/1.1", "Content-Type: application/ocsp-request");
  private static final List<String> EST =
      List.of(
          "POST /.well-known/est/simpleenroll HTTP/1.1",
          "Content-Type: application/pkcs10",
          "Authorization: Basic YTpi");

  /** To the OCSP responder. */
  static BodiesAttack overHttp(Target target, Plan plan) {
    Flood.Opening opening = socket -> begin(socket, OCSP);
    return new BodiesAttack(target, plan, new Flood.Plan(target.http(), Addresses.OTHERS, opening));
  }

  /** To EST. */
  static BodiesAttack overHttps(Target target, Plan plan) {
    SSLContext tls = target.anonymous();
    Flood.Opening opening = socket -> begin(handshake(tls, socket, target.https()), EST);
    return new BodiesAttack(
        target, plan, new Flood.Plan(target.https(), Addresses.OTHERS, opening));
  }

  List<AttackFigure> run() throws Exception {
    List<Client> clients = List.of(target.operator(), target.keptOperator(), target.device());
    List<AttackFigure> figures = new ArrayList<>();
    together(clients); // compilers are done before anything is measured
    figures.addAll(figures("quiet", clients, together(clients)));
    try (Flood started = Flood.start(flood, plan.connections())) {
      // its paths are new to the service: at first compilers share the processors with them
      figures.addAll(figures("begun", clients, together(clients)));
      List<Noticed> noticed = together(clients);
      figures.addAll(started.figures("attack", "attacked"));
      figures.addAll(figures("attacked", clients, noticed));
      AttackBench.requireServed("attacked", noticed.subList(0, 1), target);
    }
    return figures;
  }

  private static Socket begin(Socket socket, List<String> request) throws IOException {
    String head = String.join("\r\n", request);
    String text = head + "\r\nHost: localhost\r\nContent-Length: 2000\r\n\r\n0";
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  private static Socket handshake(SSLContext tls, Socket plain, URI server) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            tls.getSocketFactory().createSocket(plain, server.getHost(), server.getPort(), true);
    socket.startHandshake();
    return socket;
  }

  /** Each client on a thread of its own, at the same time. */
  private List<Noticed> together(List<Client> clients) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(clients.size());
    try {
      List<Future<Noticed>> running = new ArrayList<>();
      for (Client client : clients) {
        running.add(threads.submit(() -> client.run(plan.seconds())));
      }
      List<Noticed> noticed = new ArrayList<>();
      for (Future<Noticed> one : running) {
        noticed.add(one.get());
      }
      return noticed;
    } finally {
      threads.shutdownNow();
    }
  }

  private static List<AttackFigure> figures(
      String when, List<Client> clients, List<Noticed> noticed) {
    List<AttackFigure> figures = new ArrayList<>();
    List<String> names = List.of("operator", "keptOperator", "device");
    for (int i = 0; i < clients.size(); i++) {
      figures.addAll(
          noticed.get(i).figures(when + "." + names.get(i), when + ", " + clients.get(i).name()));
    }
    return figures;
  }
}
