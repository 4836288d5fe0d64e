-- Names and addresses that the servers of this installation are reached at: no grant may obtain them. As many as operators have
-- written into listen.names of the replicas, so the table does not grow with use.
create table installation_name (
  name       varchar(256) primary key
);

-- One row: counts the revocations among the certificates of operators and brokers, so that each replica knows when to look.
create table role_change (
  id         integer primary key,
  revision   bigint not null
);
insert into role_change (id, revision) values (1, 0);

-- What an operator's, a broker's and a listener's certificate is found by: '#' is in no other right.
update certificate set right_ref = '#operator'
  where way = 'installation' and issuer = 'operations' and subject like 'CN=%,OU=operator%';
update certificate set right_ref = '#broker'
  where way = 'installation' and issuer = 'operations' and subject like 'CN=%,OU=broker%'
  and not_after > not_before + interval '30' day;
