SELECT pg_catalog.set_config('search_path', '', false);
CREATE TABLE public.egress_finding (
    id integer NOT NULL,
    fingerprint character varying(64) NOT NULL,
    rule character varying(100) NOT NULL,
    severity character varying(10) NOT NULL,
    status character varying(20) NOT NULL,
    cluster_key character varying(600),
    cluster text,
    cluster_name text,
    endpoint text,
    resource text,
    message text NOT NULL,
    first_run integer NOT NULL,
    last_run integer NOT NULL
);
CREATE SEQUENCE public.egress_finding_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.egress_finding_id_seq OWNED BY public.egress_finding.id;
CREATE TABLE public.egress_run (
    id integer NOT NULL,
    "time" character varying(20) NOT NULL,
    tool character varying(64) NOT NULL,
    cloud character varying(64) NOT NULL,
    edition text NOT NULL,
    collected text,
    sources json NOT NULL,
    complete boolean NOT NULL,
    coverage json NOT NULL
);
CREATE TABLE public.egress_run_cluster (
    run_id integer NOT NULL,
    cluster_key character varying(600) NOT NULL,
    cluster text NOT NULL,
    name text NOT NULL,
    complete boolean NOT NULL,
    allowed integer NOT NULL,
    blocked integer NOT NULL,
    mixed integer NOT NULL,
    unknown integer NOT NULL
);
CREATE TABLE public.egress_run_finding (
    run_id integer NOT NULL,
    finding_id integer NOT NULL,
    severity character varying(10) NOT NULL,
    status character varying(20) NOT NULL
);
CREATE SEQUENCE public.egress_run_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;
ALTER SEQUENCE public.egress_run_id_seq OWNED BY public.egress_run.id;
CREATE TABLE public.egress_schema_version (
    version_num character varying(32) NOT NULL
);
ALTER TABLE ONLY public.egress_finding ALTER COLUMN id SET DEFAULT nextval('public.egress_finding_id_seq'::regclass);
ALTER TABLE ONLY public.egress_run ALTER COLUMN id SET DEFAULT nextval('public.egress_run_id_seq'::regclass);
INSERT INTO public.egress_finding VALUES (1, 'bbbfb499e59f4bf581952be4b71a025973f43d2369b30708919ec181e56fafb4', 'required-endpoint-blocked', 'error', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', '*.data.mcr.microsoft.com:443/https', '/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614/resourceGroups/rg-hub-weu/providers/Microsoft.Network/azureFirewalls/fw-hub-weu', 'firewall fw-hub-weu: no rule of policy fwpol-weu-aks or its parent fwpol-base matches; denied by default (FW-6); breaks: image layers from Microsoft Container Registry cannot be pulled: nodes do not start', 1, 2);
INSERT INTO public.egress_finding VALUES (2, 'b382e7efa7444d3991524f092bc32ba3a8116cc4e6a08cf47d85211c3a3ae873', 'required-endpoint-blocked', 'error', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'management.azure.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-spoke-payments-weu/providers/Microsoft.Network/networkSecurityGroups/nsg-aks-nodes', 'network security group nsg-aks-nodes: rule "DenyAzureResourceManager" (priority 300) denies it (NSG-4); breaks: cluster components cannot call Azure Resource Manager: load balancers, disks and routes are not created or changed', 1, 2);
INSERT INTO public.egress_finding VALUES (3, 'dc832ed7f2a455c215058bef4633442736e2211e4bbf4136ced0c8d4879bb171', 'egress-unrestricted', 'error', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-spoke-payments-weu/providers/Microsoft.Network/virtualNetworks/vnet-spoke-payments/subnets/snet-aks-batch', 'TCP 443 and a port that no rule names leave to all public addresses by default outbound access, which its network interfaces say is on (UDR-44)', 1, 2);
INSERT INTO public.egress_finding VALUES (4, 'ac334c15e66684b9220674cb86aad86dd3c1ff5c58eb9cb0465acbb6116346dc', 'excess-egress', 'error', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-spoke-payments-weu/providers/Microsoft.Network/virtualNetworks/vnet-spoke-payments/subnets/snet-aks-batch', 'default outbound access, which its network interfaces say is on (UDR-44) lets out tcp/0-24, tcp/26-65535, udp to 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.64.101.211 and 41 more (3,702,181,911 addresses), and more on 1 other set of services beyond the policy, such as 1.0.0.0:1/tcp', 1, 2);
INSERT INTO public.egress_finding VALUES (5, 'e0726e33df000c5d4b2f1a7331559777f2b775b34424ece9dc069aff2975f5f9', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', '*.cloud.defender.microsoft.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (6, '205795dde5dbfd6b62e422b0355d763f33ad5e00dd78be546fc42a7ba8d02666', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', '*.ingest.monitor.azure.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for *.ingest.monitor.azure.com except *.metrics.ingest.monitor.azure.com, 13.69.51.64/26, 13.69.57.8/29, ... (7,404,515,950 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (7, '9f81f8c2bda051c2be73d60b2244a48b2c452fd3681cdd2443f1139b4e6dea45', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', '*.metrics.ingest.monitor.azure.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (8, 'fa7b5c7b13470c132cbe8e2bf2b9dfeeb75c6e024f527480509cfdc6120750ed', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'data.policy.core.windows.net:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (9, 'a10907bbda2c45450b8c5d56b2e8036c295d2887f1b12689b2c23185d67b934e', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'packages.aks.azure.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (10, '6b246c26131023892b3bb7bc08e32c6a8683d9a734e514c9ad50d6d299a05054', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'packages.microsoft.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (11, '1d1513bb6c976bf25c71d7ace10f6f473b9a6ee4acbb231c3e1b9c9dfa9a4232', 'endpoint-undetermined', 'error', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'store.policy.core.windows.net:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (12, '576eb902849e83d17df1cbd7653b675d743d75c57def42fca2b200c0799c33da', 'outbound-type-mismatch', 'warning', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'outbound type is userDefinedRouting, but subnet snet-aks-batch has no 0.0.0.0/0 route', 1, 2);
INSERT INTO public.egress_finding VALUES (13, '232da8fbe6acd998143246b7cd50882fa764481ca0da30dde497725bb76e6074', 'fqdn-rule-without-dns-proxy', 'warning', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614/resourceGroups/rg-hub-weu/providers/Microsoft.Network/firewallPolicies/fwpol-weu-aks/ruleCollectionGroups/rcg-payments', 'network rule sql-payments names sql-payments.database.windows.net, but firewall fw-hub-weu may see other addresses than the clients: its DNS proxy is off', 1, 2);
INSERT INTO public.egress_finding VALUES (14, '7c4b18d625831dd66c6240b54a0e4415591ff8cc08368ffbf615ccd3cd8d5231', 'fqdn-rule-without-dns-proxy', 'warning', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614/resourceGroups/rg-hub-weu/providers/Microsoft.Network/firewallPolicies/fwpol-weu-aks/ruleCollectionGroups/rcg-payments', 'network rule ntp names ntp.ubuntu.com, but firewall fw-hub-weu may see other addresses than the clients: its DNS proxy is off', 1, 2);
INSERT INTO public.egress_finding VALUES (15, '0b5c18f9c8bf45555017c88b7695f26ba092769c563f02155535c1d1015a83ba', 'recommended-endpoint-blocked', 'warning', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'podsUseApiServerAddress is not known: if it holds, the cluster needs 1 endpoint that may not get out: aks-payments-x1y2z3w4.hcp.westeurope.azmk8s.io:443/tcp', 1, 2);
INSERT INTO public.egress_finding VALUES (16, 'b110a05cc0bb2972923d779090600fd26bec79b2be412b189bf8b56784f46ced', 'endpoint-undetermined', 'warning', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'acs-mirror.azureedge.net:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (17, '42ef85c785cf8dc9e6d01bada72bb555df6eb2074de436eb099c4358230a5fae', 'endpoint-undetermined', 'warning', 'unknown', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', 'snapshot.ubuntu.com:443/https', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'the name''s addresses are not known, and the path treats addresses differently (fqdn-address-unknown); the parts: allowed for 1.0.0.0-9.255.255.255, 11.0.0.0-13.64.98.191, 13.64.99.0-13.69.51.63, ... (3,702,258,139 addresses), blocked for 13.64.98.192/26, 20.40.101.0/25, 40.112.163.0/26, ... (288 addresses) by network security group nsg-aks-nodes, blocked for 20.106.42.17, 45.155.205.86, 185.220.101.4 (3 addresses) by firewall fw-hub-weu', 1, 2);
INSERT INTO public.egress_finding VALUES (18, '9a17613c8a94b62bf872e26a150ff8fc3bd7a364d508cc5412cd7681e09b0268', 'rule-redundant', 'note', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-spoke-payments-weu/providers/Microsoft.Network/networkSecurityGroups/nsg-aks-nodes', 'security rule AllowHubOutBound (priority 200) of nsg-aks-nodes changes nothing: without it AllowVnetOutBound (65000) does the same', 1, 2);
INSERT INTO public.egress_finding VALUES (19, '8bb19bf8125fbb249a8d50c4dd3aa3dc9e5e6ba46134966d13de718c31f04806', 'unneeded-baseline-egress', 'note', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/3f1c8e27-5a0d-4b96-9c41-7e2d80b5a614/resourceGroups/rg-hub-weu/providers/Microsoft.Network/firewallPolicies/fwpol-weu-aks/ruleCollectionGroups/rcg-aks-required', 'rule "app-aks-core/api-server" of firewall fw-hub-weu (FW-22) lets out https 443 to *.hcp.westeurope.azmk8s.io except aks-payments-x1y2z3w4.hcp.westeurope.azmk8s.io, which is published for AKS and not needed by this cluster, such as a.hcp.westeurope.azmk8s.io:443/https', 1, 2);
INSERT INTO public.egress_finding VALUES (20, '395203754ee60d6528c58ed80833486a0bac5602f41006c6dec78177480eec16', 'excess-undetermined', 'note', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'may leave beyond the policy: tcp/25 to 1.0.0.0-9.255.255.255, 11.0.0.0-100.63.255.255, 100.128.0.0-126.255.255.255 and 11 more (3,702,258,431 addresses), such as 1.0.0.0:25/tcp; the platform blocks mail on port 25 for some subscriptions (smtp-platform)', 1, 2);
INSERT INTO public.egress_finding VALUES (21, '5d1f59e8da773d9686c9d6e35e82641a0febb2cb3e05ac1bfbb9cc1c6bbdb14f', 'excess-undetermined', 'note', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'may leave beyond the policy: tcp/1433 to 1.0.0.0-9.255.255.255, 11.0.0.0-20.61.91.13, 20.61.91.15-20.106.42.16 and 15 more (3,702,258,427 addresses), such as 1.0.0.0:1433/tcp; assumed is that an FQDN network rule matches its own name only (fqdn-rule-address)', 1, 2);
INSERT INTO public.egress_finding VALUES (22, 'd498bfc598aa4e49255b6afbe092f71e866871572e7f197dc43e4c06f51790dd', 'excess-undetermined', 'note', 'fail', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', NULL, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'may leave beyond the policy: https 0-1432, 1434-65535 to login.microsoftonline.com, *.blob.storage.azure.net, *.blob.core.windows.net, *.table.core.windows.net and 3 more, such as login.microsoftonline.com:80/https; assumed is that the firewall''s built-in collection does not serve the name asked (infrastructure-rules)', 1, 2);
INSERT INTO public.egress_run VALUES (1, '2026-05-18T08:00:00Z', '0.1.0', 'public', 'aks-2026-06-18', '2026-11-20T08:15:00Z', '["/estates/examples/broken"]', true, '{"reads": 53, "unread": 0, "first": []}');
INSERT INTO public.egress_run VALUES (2, '2026-05-25T08:00:00Z', '0.1.0', 'public', 'aks-2026-06-18', '2026-11-20T08:15:00Z', '["/estates/examples/broken"]', true, '{"reads": 53, "unread": 0, "first": []}');
INSERT INTO public.egress_run_cluster VALUES (1, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', true, 11, 2, 0, 7);
INSERT INTO public.egress_run_cluster VALUES (2, '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourcegroups/rg-aks-payments/providers/microsoft.containerservice/managedclusters/aks-payments', '/subscriptions/b7429d06-1e8f-4d35-a2c7-94f06e3d5b18/resourceGroups/rg-aks-payments/providers/Microsoft.ContainerService/managedClusters/aks-payments', 'aks-payments', true, 11, 2, 0, 7);
INSERT INTO public.egress_run_finding VALUES (1, 1, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 1, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 2, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 2, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 3, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 3, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 4, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 4, 'error', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 5, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 5, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 6, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 6, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 7, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 7, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 8, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 8, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 9, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 9, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 10, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 10, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 11, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 11, 'error', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 12, 'warning', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 12, 'warning', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 13, 'warning', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 13, 'warning', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 14, 'warning', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 14, 'warning', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 15, 'warning', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 15, 'warning', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 16, 'warning', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 16, 'warning', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 17, 'warning', 'unknown');
INSERT INTO public.egress_run_finding VALUES (2, 17, 'warning', 'unknown');
INSERT INTO public.egress_run_finding VALUES (1, 18, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 18, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 19, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 19, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 20, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 20, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 21, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 21, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (1, 22, 'note', 'fail');
INSERT INTO public.egress_run_finding VALUES (2, 22, 'note', 'fail');
INSERT INTO public.egress_schema_version VALUES ('v1');
SELECT pg_catalog.setval('public.egress_finding_id_seq', 23, false);
SELECT pg_catalog.setval('public.egress_run_id_seq', 3, false);
ALTER TABLE ONLY public.egress_finding
    ADD CONSTRAINT egress_finding_fingerprint_key UNIQUE (fingerprint);
ALTER TABLE ONLY public.egress_finding
    ADD CONSTRAINT egress_finding_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.egress_run_cluster
    ADD CONSTRAINT egress_run_cluster_pkey PRIMARY KEY (run_id, cluster_key);
ALTER TABLE ONLY public.egress_run_finding
    ADD CONSTRAINT egress_run_finding_pkey PRIMARY KEY (run_id, finding_id);
ALTER TABLE ONLY public.egress_run
    ADD CONSTRAINT egress_run_pkey PRIMARY KEY (id);
ALTER TABLE ONLY public.egress_schema_version
    ADD CONSTRAINT egress_schema_version_pkc PRIMARY KEY (version_num);
ALTER TABLE ONLY public.egress_finding
    ADD CONSTRAINT egress_finding_first_run_fkey FOREIGN KEY (first_run) REFERENCES public.egress_run(id);
ALTER TABLE ONLY public.egress_finding
    ADD CONSTRAINT egress_finding_last_run_fkey FOREIGN KEY (last_run) REFERENCES public.egress_run(id);
ALTER TABLE ONLY public.egress_run_cluster
    ADD CONSTRAINT egress_run_cluster_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.egress_run(id) ON DELETE CASCADE;
ALTER TABLE ONLY public.egress_run_finding
    ADD CONSTRAINT egress_run_finding_finding_id_fkey FOREIGN KEY (finding_id) REFERENCES public.egress_finding(id);
ALTER TABLE ONLY public.egress_run_finding
    ADD CONSTRAINT egress_run_finding_run_id_fkey FOREIGN KEY (run_id) REFERENCES public.egress_run(id) ON DELETE CASCADE;
