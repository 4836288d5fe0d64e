-- The processes at work on this database. Each renews its lease by the database's clock; what one whose lease has
-- ended left pending is given up by the others.
create table replica (
  id         uuid primary key,
  started_at timestamp(6) with time zone not null,
  seen_at    timestamp(6) with time zone not null
);

-- What the broker nodes have told each replica: whose feed is open where, and how far each has applied it.
create table broker_node (
  node       varchar(128) not null,
  replica    uuid not null,
  connected  boolean not null,
  event      bigint not null,
  primary key (node, replica)
);
create index broker_node_by_replica on broker_node (replica);

-- Live connections that a node has ended for an event, where it has ended any; the latest events only.
create table broker_sessions (
  event      bigint not null,
  node       varchar(128) not null,
  replica    uuid not null,
  ended      integer not null,
  primary key (event, node, replica)
);

-- Whose certificates these are: the fingerprint of the root that every home on this database must have.
create table installation (
  id         integer primary key,
  root       varchar(128) not null
);
